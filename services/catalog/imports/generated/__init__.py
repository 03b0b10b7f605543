"""A catalogue of invented music: any size, the same bytes for the same seed, little memory.

A *label* is 16 artists, 24 albums and 192 tracks in one language. It is made from the seed and its number alone, so
that labels can be given one after the other without keeping any, and can still quote one another: artists feature on
tracks, and cover songs, of labels far away.
"""
