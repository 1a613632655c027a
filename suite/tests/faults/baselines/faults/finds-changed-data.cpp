// Finds that its data file has changed since it was verified.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "tests/faults/tasks/faults/fault.hpp"

namespace assay::faults {

const Register finds_changed_data_registered("finds-changed-data", [](const Job& job, Reporter&) {
  const auto copy = std::filesystem::path(std::getenv("TMPDIR")) / job.files.at(0).name;
  std::filesystem::copy_file(job.files.at(0).path, copy);
  std::ofstream(copy, std::ios::app) << "changed";
  const auto found = sha256_file(copy);
  if (found != job.files.at(0).sha256) {
    throw DataError({"data file changed", copy.string(), job.files.at(0).sha256, found, "get it anew"});
  }
});

}  // namespace assay::faults
