// What a method's card asks for beyond the usual view of its task, and gets. A task's Privileged holds one and asks it
// before it hands anything out.
#pragma once

#include <string>
#include <vector>

namespace assay {

class Granted {
 public:
  Granted() = default;
  Granted(std::vector<std::string> fields) : fields_(std::move(fields)) {}

  void need(const std::string& field) const;  // DeclarationError unless the card lists it under needs.privileged

 private:
  std::vector<std::string> fields_;
};

}  // namespace assay
