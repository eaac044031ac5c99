"""The commands about texts and about publishing; each imports what it needs when it runs."""

from denoscope.commands.compare import compare
from denoscope.commands.generate_text import generate_text
from denoscope.commands.publish import publish
from denoscope.commands.text_animate import text_animate
from denoscope.commands.train_text import train_text

COMMANDS = (generate_text, text_animate, compare, train_text, publish)

__all__ = ["COMMANDS"]
