#include "crack-width/protocol.hpp"

#include "crack-width/run.hpp"

namespace assay::crack_width {

double Privileged::heading() const {
  granted_.need("heading");
  return heading_;
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask crack_width_registered{Method::kTask, run};

}  // namespace

}  // namespace assay::crack_width
