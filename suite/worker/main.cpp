// bench-worker: loads LibTorch once and runs cells, each in a child of its own.
#include <iostream>
#include <string_view>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "worker/describe.hpp"
#include "worker/serve.hpp"

int main(int count, char** arguments) {
  const std::string_view mode = count > 1 ? arguments[1] : "--serve";
  try {
    if (count == 3 && mode == "--describe") {
      assay::write_file(arguments[2], assay::describe().dump(1) + "\n");
      return 0;
    }
    if (count <= 2 && mode == "--serve") return assay::serve();
    std::cerr << "usage: bench-worker [--describe FILE | --serve]; bench starts it, see suite/worker/messages.md\n";
    return static_cast<int>(assay::ExitCode::kUsage);
  } catch (const assay::Error& error) {
    std::cerr << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
