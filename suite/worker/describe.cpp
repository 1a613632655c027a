#include "worker/describe.hpp"

#include <torch/version.h>

#include "core/errors.hpp"
#include "learn/registry.hpp"
#include "worker/cuda.hpp"
#include "worker/fingerprints.hpp"

namespace assay {

namespace {

const Json* built(const Json& methods, const MethodEntry& entry) {
  for (const auto& method : methods) {
    if (method.at("task") == entry.task && method.at("id") == entry.id) return &method;
  }
  return nullptr;
}

}  // namespace

Json describe() {
  Json table = Json::parse(kFingerprints);
  Json methods = Json::array();
  for (const auto& entry : Registry::instance().methods()) {
    const auto* method = built(table.at("methods"), entry);
    if (method == nullptr) {
      throw DeclarationError(
          {"method without its file and card", entry.source, entry.id + ".cpp beside " + entry.id + ".json",
           "a registration of \"" + entry.task + "/" + entry.id + "\"", "rename file, card or method"});
    }
    methods.push_back(*method);
  }
  table["methods"] = methods;
  table["compiler"] = ASSAY_COMPILER;
  table["flags"] = ASSAY_FLAGS;
  table["libtorch"] = TORCH_VERSION;
  table["libtorch_folder"] = libtorch_folder().string();
  return table;
}

}  // namespace assay
