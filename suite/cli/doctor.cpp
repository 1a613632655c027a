#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "cli/command.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "data/locate.hpp"
#include "engine/environment.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

// Prints findings as it goes and remembers the gravest exit code.
class Doctor {
 public:
  explicit Doctor(ExitCode& code) : code_(code) {}

  void good(const std::string& what, const std::string& detail) { rows_.push_back({"ok", what, detail}); }
  void note(const std::string& what, const std::string& detail) { rows_.push_back({"note", what, detail}); }
  void bad(const std::string& what, const Problem& problem, ExitCode code) {
    rows_.push_back({"FAULT", what, problem.line()});
    if (code_ == ExitCode::kOk) code_ = code;
  }
  template <typename Work>
  void examine(const std::string& what, const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      bad(what, error.problem(), error.code());
    }
  }
  void print() const { print_table(rows_); }

 private:
  ExitCode& code_;
  std::vector<std::vector<std::string>> rows_;
};

std::string memory() {
  const auto pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return bytes(static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size));
}

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const auto& folder : split(path ? path : "", ':')) {
    if (access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

void examine_build(Doctor& doctor) {
  doctor.examine("worker", [&] {
    const auto build = read_build_info();
    doctor.good("worker", build.worker.string() + ", " + std::to_string(build.methods.size()) + " methods");
    doctor.good("LibTorch", build.libtorch + " in " + build.libtorch_folder);
    doctor.good("compiler", build.compiler + " " + build.flags);
    const auto device = resolve_device("auto", build);
    doctor.good("device", device == "cpu" ? "cpu (no CUDA device, or a LibTorch without CUDA)" : device);
    const auto environment = describe_environment(build, device, "avx2");
    doctor.good("environment",
                environment.id + ": " + environment.body.value("cpu", "") + ", " + environment.body.value("os", ""));
  });
  doctor.good("machine", std::to_string(std::thread::hardware_concurrency()) + " cores, " + memory());
  std::ifstream cpu("/proc/cpuinfo");
  const std::string flags((std::istreambuf_iterator<char>(cpu)), {});
  if (flags.find(" avx2") == std::string::npos) {
    doctor.bad("AVX2", {"no AVX2", "this CPU", "AVX2, to which published runs are pinned", "none", "use --isa native"},
               ExitCode::kMachine);
  }
}

void examine_data(Doctor& doctor, const Catalog& catalog) {
  for (const auto& dataset : catalog.datasets) {
    const auto located = locate(dataset);
    if (located.available()) {
      doctor.good("data " + dataset.id, dataset.generated ? "generated: nothing to fetch"
                                                          : located.files.front().path.parent_path().string());
    } else {
      doctor.note("data " + dataset.id, located.reason() + "; " + located.remedy());
    }
  }
}

void examine_store(Doctor& doctor, const fs::path& file) {
  if (!fs::exists(file)) {
    doctor.note("store", file.string() + ": not there yet; bench run makes it");
    return;
  }
  doctor.examine("store", [&] {
    const Store store(file, Store::Mode::kRead);
    if (const auto found = store.integrity(); found != "ok") {
      throw StoreError(
          {"store is damaged", file.string(), "a sound SQLite file", found, "restore it from git or a copy"});
    }
    if (const auto fault = store.verify_events(); !fault.empty()) {
      throw StoreError(
          {"chain of events is broken", file.string(), "", fault, "somebody edited it; restore it from git"});
    }
    doctor.good("store", file.string() + ": sound, " + std::to_string(store.results().size()) + " cells, " +
                             bytes(fs::file_size(file)));
  });
}

void examine_cache(Doctor& doctor) {
  doctor.examine("cache", [&] {
    const auto probe = cache_folder() / "doctor.probe";
    write_file(probe, "");
    fs::remove(probe);
    doctor.good("cache", cache_folder().string());
  });
}

}  // namespace

void add_doctor(CLI::App& app, ExitCode& code) {
  auto store = std::make_shared<std::string>();
  app.add_option("--db", *store, "The store (default: results.db of the checkout)")->type_name("FILE");
  app.footer(
      "Notes are things that only some settings need; faults stop runs and give an exit code.\n\nExample:\n  bench "
      "doctor");
  app.callback([store, &code] {
    Doctor doctor(code);
    examine_build(doctor);
    doctor.examine("declarations", [&] {
      const auto catalog = read_catalog(checkout());
      doctor.good("declarations", std::to_string(catalog.tasks.size()) + " tasks, " +
                                      std::to_string(catalog.methods.size()) + " methods in " + catalog.root.string());
      examine_data(doctor, catalog);
    });
    examine_store(doctor, store->empty() ? checkout() / "results.db" : fs::path(*store));
    examine_cache(doctor);
    if (on_path("chromium")) {
      doctor.good("chromium", "there");
    } else {
      doctor.note("chromium", "absent; only the browser tests need it: apt-get install chromium");
    }
    doctor.print();
  });
}

}  // namespace assay::cli
