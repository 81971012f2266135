"""What is seen of instances, in the media types of PS3.18 Section 8.7.4, as answers can be made of it.

`rendition.py` says what that is; each other file has one category of what is seen, `categories.py` which one it is.
"""
