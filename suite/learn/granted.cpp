#include "learn/granted.hpp"

#include <algorithm>

#include "core/errors.hpp"

namespace assay {

void Granted::need(const std::string& field) const {
  if (std::find(fields_.begin(), fields_.end(), field) != fields_.end()) return;
  throw DeclarationError({"privileged field not granted", "needs/privileged", "\"" + field + "\"", "nothing",
                          "list it on the method's card"});
}

}  // namespace assay
