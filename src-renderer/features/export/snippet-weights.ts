/** The lines that open exported weights where they are used. */

export function safetensorsSnippet(fileName: string): string {
  const name = JSON.stringify(fileName);
  return `# With SSD Studio, in a terminal:
#   ssd-studio detect ${name} picture.jpg
# With Python: pip install safetensors torch
import json
from safetensors import safe_open

with safe_open(${name}, framework="pt") as file:
    weights = {name: file.get_tensor(name) for name in file.keys()}
    metadata = file.metadata()

classes = json.loads(metadata["classes"])
network = json.loads(metadata["network"])
default_boxes = json.loads(metadata["default_boxes"])
print(network["architecture"], classes, sum(w.numel() for w in weights.values()), "numbers")
`;
}
