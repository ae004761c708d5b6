"""The commands, one module for each noun; `mdfm.cli` lists them and loads the one that is called."""
