// A reporter that remembers, and jobs with a card's values: what tests of whole runs need.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/hash.hpp"
#include "learn/job.hpp"
#include "learn/reporter.hpp"

namespace assay::learn {

class MemoryReporter final : public Reporter {
 public:
  void epoch(std::int64_t, std::int64_t, const std::map<std::string, double>& values) override {
    epochs.push_back(values);
  }
  void metric(const std::string& name, double value) override { metrics[name] = value; }
  void prediction(const std::string& name, const std::string&, const std::vector<std::int64_t>&,
                  std::string bytes) override {
    predictions[name] = std::move(bytes);
  }
  void digest(std::string_view bytes) override { hash_.update(bytes); }
  std::string picture(const std::string&, std::string bytes) override {
    const auto name = sha256(bytes);
    pictures[name] = std::move(bytes);
    return name;
  }
  void exhibit(Json examples) override { examples_shown = std::move(examples); }
  void note(const std::string& name, Json value) override { notes[name] = std::move(value); }

  static bool tells_of_the_machine(const std::string& metric) { return metric.find("seconds") != std::string::npos; }

  // What two executions must share.
  std::string fingerprint() {
    std::string text = Sha256(hash_).hex();
    for (const auto& [name, bytes] : predictions) text += name + sha256(bytes);
    for (const auto& values : epochs) text += Json(values).dump();
    for (const auto& [name, value] : metrics) {
      if (!tells_of_the_machine(name)) text += name + Json(value).dump();
    }
    return text + Json(notes).dump() + examples_shown.dump();
  }

  std::vector<float> floats(const std::string& prediction) const {
    std::vector<float> values(predictions.at(prediction).size() / sizeof(float));
    std::memcpy(values.data(), predictions.at(prediction).data(), values.size() * sizeof(float));
    return values;
  }

  std::vector<std::map<std::string, double>> epochs;
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> predictions, pictures;
  std::map<std::string, Json> notes;
  Json examples_shown;

 private:
  Sha256 hash_;
};

inline const Catalog& project_catalog() {
  static const Catalog read = read_catalog(ASSAY_SOURCE_DIR);
  return read;
}

// A smoke job of seed 0 on the CPU with the values of the method's card; `parameters` overrides some. Setting and budget
// are the caller's.
inline Job job_with_card(const std::string& task, const std::string& method, const Json& parameters = Json::object()) {
  const auto& card = *project_catalog().method(task, method);
  Job job;
  job.task = task;
  job.setting = "synthetic";
  job.method = method;
  job.tier = "smoke";
  job.parameters = Json::object();
  for (const auto& parameter : card.parameters) job.parameters[parameter.name] = parameter.value_for("smoke");
  job.parameters.update(parameters);
  job.privileged = card.privileged;
  job.pictures_allowed = true;
  job.device = "cpu";
  return job;
}

}  // namespace assay::learn
