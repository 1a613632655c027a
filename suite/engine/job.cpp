// The job as the worker takes it.
#include "core/files.hpp"
#include "data/locate.hpp"
#include "engine/plan.hpp"

namespace assay {

Json job_of(const PlannedRun& run, const Catalog& catalog, const std::string& device) {
  const DataSet& dataset = *catalog.dataset(run.setting->dataset);
  Json files = Json::array();
  for (const auto& located : locate(dataset).files) {
    files.push_back({{"name", located.file->name}, {"sha256", located.checksum}, {"path", located.path.string()}});
  }
  return {{"task", run.cell.task},
          {"setting", run.cell.setting},
          {"method", run.cell.method},
          {"tier", run.cell.tier},
          {"seed", run.cell.seed},
          {"parameters", run.cell.parameters},
          {"setting_parameters", run.cell.protocol.at("setting")},
          {"budget", run.cell.protocol.at("budget")},
          {"privileged", run.method->privileged},
          {"dataset", dataset.id},
          {"reader", dataset.reader},
          {"files", files},
          {"classes", dataset.classes},
          {"pictures_allowed", dataset.pictures_allowed},
          {"artefacts", (cache_folder() / "artefacts").string()},
          {"provenance", run.provenance},
          {"device", device}};
}

}  // namespace assay
