#include "open-set-al/run.hpp"

#include "core/errors.hpp"
#include "learn/determinism.hpp"
#include "open-set-al/federated_run.hpp"
#include "open-set-al/one_shot_run.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/rounds.hpp"
#include "open-set-al/tiny_imagenet.hpp"

namespace assay::open_set_al {

void run(const Job& job, Reporter& reporter) {
  if (job.reader == "tiny-imagenet") {
    const auto images = read_tiny_imagenet(job);
    return run_on(images.images, job, reporter);
  }
  std::map<std::string, std::filesystem::path> files;
  std::map<std::string, std::string> checksums;
  for (const auto& file : job.files) {
    files[file.name] = file.path;
    checksums[file.name] = file.sha256;
  }
  auto images = load_images(job.reader, files, checksums, ArtefactCache(job.artefacts));
  if (!job.classes.empty()) images.class_names = job.classes;
  run_on(images, job, reporter);
}

void run_on(const Images& images, const Job& job, Reporter& reporter) {
  learn::keep_freed_memory();
  const auto protocol = job.setting_parameters.value("protocol", "");
  if (protocol == "pool") return run_pool(images, job, reporter);
  if (protocol == "federated") return run_federated(images, job, reporter);
  if (protocol == "one-shot") return run_one_shot(images, job, reporter);
  throw DeclarationError(
      {"unknown protocol", "setting " + job.setting, "pool, federated or one-shot", "\"" + protocol + "\"", ""});
}

}  // namespace assay::open_set_al
