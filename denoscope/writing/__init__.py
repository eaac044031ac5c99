"""Text from a model, without the workflow: load it once, write as often as wanted, look at every step."""

from denoscope.writing.errors import WritingError
from denoscope.writing.generator import TextGenerator, load_text_model
from denoscope.writing.result import GeneratedText

__all__ = ["GeneratedText", "TextGenerator", "WritingError", "load_text_model"]
