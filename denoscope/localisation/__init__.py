"""How well the attention of a word finds its object, where what a picture shows can be measured. No torch."""
