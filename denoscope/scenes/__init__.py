"""Pictures and films of plain shapes whose content is known: made from captions, and measured in what a model makes."""
