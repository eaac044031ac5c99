"""Colours of classes, the same in figures and on the page."""

CLASSES = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#ccbb44",
    "#66ccee",
    "#aa3377",
    "#8a6d4b",
    "#ee8866",
    "#44bb99",
    "#7a7a7a",
)
"""Ten colours that colour-blind readers tell apart: Paul Tol's bright scheme and three of his light one, darkened."""

OTHER = "#9aa0a6"
