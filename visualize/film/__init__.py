"""The steps of both passes as pictures one after another: a film, or numbered files for slides."""
