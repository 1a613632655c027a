#include "learn/job.hpp"

namespace assay {

Job Job::from_json(const Json& json) {
  StrictObject object(json, "job", "");
  Job job;
  job.task = object.text("task");
  job.setting = object.text("setting");
  job.method = object.text("method");
  job.tier = object.text("tier");
  job.seed = object.integer("seed");
  job.parameters = object.any_object("parameters");
  job.setting_parameters = object.any_object("setting_parameters");
  job.budget = object.any_object("budget");
  job.privileged = object.texts("privileged");
  job.dataset = object.text("dataset");
  job.reader = object.text("reader");
  job.classes = object.maybe_texts("classes");
  for (auto& item : object.objects("files")) {
    job.files.push_back({item.text("name"), item.text("sha256"), item.text("path")});
    item.done();
  }
  const Json& pictures = object.any("pictures_allowed");
  if (!pictures.is_boolean()) object.wrong("pictures_allowed", "true or false", pictures.dump());
  job.pictures_allowed = pictures.get<bool>();
  job.artefacts = object.text("artefacts");
  job.provenance = object.text("provenance");
  job.device = object.text("device");
  object.done();
  return job;
}

Json Job::to_json() const {
  Json listed = Json::array();
  for (const auto& file : files) {
    listed.push_back({{"name", file.name}, {"sha256", file.sha256}, {"path", file.path.string()}});
  }
  return {{"task", task},
          {"setting", setting},
          {"method", method},
          {"tier", tier},
          {"seed", seed},
          {"parameters", parameters},
          {"setting_parameters", setting_parameters},
          {"budget", budget},
          {"privileged", privileged},
          {"dataset", dataset},
          {"reader", reader},
          {"classes", classes},
          {"files", listed},
          {"pictures_allowed", pictures_allowed},
          {"artefacts", artefacts.string()},
          {"provenance", provenance},
          {"device", device}};
}

}  // namespace assay
