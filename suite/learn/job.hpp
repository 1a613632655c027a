// What a run is asked to do, as it reaches the process that runs it. Everything is resolved: no defaults are filled in
// here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"

namespace assay {

struct JobFile {
  std::string name, sha256;
  std::filesystem::path path;
};

struct Job {
  std::string task, setting, method, tier;
  std::int64_t seed = 0;
  Json parameters;          // of the method: every parameter with its value
  Json setting_parameters;  // of the setting, as declared
  Json budget;              // of the tier, as declared
  std::vector<std::string>
      privileged;                    // what the card says it needs beyond the usual view: "noise_rate", "clean_labels"
  std::string dataset, reader;       // ids
  std::vector<std::string> classes;  // names of the labels 0, 1, ...; empty: as the data's files name them
  std::vector<JobFile> files;        // of the data set, found and verified
  bool pictures_allowed = false;
  std::filesystem::path artefacts;  // root of the artefact cache
  std::string provenance;           // hash of the task's code, the build and the device: part of the recipe of whatever
                                    // artefact the task computes (generated data, a trained teacher)
  std::string device;               // "cpu", "cuda:0"

  Streams streams() const { return Streams(seed); }

  static Job from_json(const Json& json);  // DeclarationError where a field is missing or of another type
  Json to_json() const;
};

}  // namespace assay
