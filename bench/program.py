"""The program of `cargo bench --bench compare`, which measures files that others made."""
import json
import subprocess


def compare(root):
    """Builds it; where it is."""
    built = subprocess.run(["cargo", "bench", "--locked", "--bench", "compare", "--no-run", "--message-format", "json"], cwd=root,
                           check=True, capture_output=True, text=True).stdout
    messages = (json.loads(line) for line in built.splitlines())
    return next(message["executable"] for message in messages if message.get("executable") and message["target"]["name"] == "compare")
