"""These tests want PyTorch, Keras and ONNX; `.ci/run` has a stage for them, with an environment."""

import importlib.util
import os

os.environ.setdefault("KERAS_BACKEND", "torch")
WANTED = ("torch", "keras", "onnx")
if any(importlib.util.find_spec(name) is None for name in WANTED):
    collect_ignore = ["test_frameworks.py", "test_pages.py"]
