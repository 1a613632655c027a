#include "crack-width/protocol.hpp"

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "crack-width/run.hpp"

namespace assay::crack_width {

double Privileged::heading() const {
  if (std::find(granted_.begin(), granted_.end(), "heading") != granted_.end()) return heading_;
  throw DeclarationError(
      {"privileged field not granted", "needs/privileged", "\"heading\"", "nothing", "list it on the method's card"});
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask crack_width_registered{"crack-width", run};

std::map<std::string, MakeMethod>& factories() {
  static std::map<std::string, MakeMethod> by_id;
  return by_id;
}

}  // namespace

void add_method(const std::string& id, const std::string& source, MakeMethod make) {
  Registry::instance().add_method({"crack-width", id, source});
  factories()[id] = std::move(make);
}

std::unique_ptr<Method> make_method(const std::string& id, const Json& parameters) {
  const auto found = factories().find(id);
  if (found == factories().end()) throw DeclarationError({"unknown method", "job", "a registered one", id, ""});
  StrictObject card(parameters, id, "parameters");
  auto method = found->second(card);
  card.done();
  return method;
}

}  // namespace assay::crack_width
