#!/usr/bin/env bash
# Generated sources: TypeScript messages from src/onnx/onnx.proto. The result is committed; CI checks that it is current.
set -euo pipefail
cd "$(dirname "$0")/.."
npx --yes --package=@bufbuild/buf@1.75.0 --package=@bufbuild/protoc-gen-es@2.12.0 -- \
  buf generate src/onnx --template '{"version":"v2","plugins":[{"local":"protoc-gen-es","out":"src/onnx/generated","opt":["target=ts","import_extension=js"]}]}'
