"""The commands about attention, texts, publishing and what a run will take; each imports what it needs when it runs."""

from denoscope.commands.attention_video import attention_video
from denoscope.commands.compare import compare
from denoscope.commands.estimate import estimate
from denoscope.commands.generate_text import generate_text
from denoscope.commands.publish import publish
from denoscope.commands.text_animate import text_animate
from denoscope.commands.train_text import train_text

COMMANDS = (attention_video, generate_text, text_animate, compare, train_text, publish, estimate)

__all__ = ["COMMANDS"]
