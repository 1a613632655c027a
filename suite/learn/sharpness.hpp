// Update rules that look for flat minima (SAM and its kin), for any optimiser of the recipe and any loss. Rules that need
// more than a loss (class labels, clean data) live with their methods.
#pragma once

#include "learn/update_rule.hpp"

namespace assay::learn {

// Sharpness-Aware Minimization (Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021): a step at w along g(w + e), with
// e = rho g(w) / |g(w)| over all weights (Eq. 2, Algorithm 1). No gradient goes through e; rho = 0 is the plain rule.
MakeRule sam_rule(double rho);

struct BsamSettings {
  double rho_max = 0, rho_min = 0;
  bool rescale = true, release_alias = false;
};

// Bilateral SAM (Deng, Pang, Zhang and Huang, 2024): the objective L(w) + max_{|e| <= rho_max} L(w + e) - min_{|e| <= rho_min}
// L(w + e). With a = g(w), u = a / |a|, c = g(w + rho_max u), d = g(w - rho_min u), displaced from w, in this order:
// a step along c + (a - r d), where r = |c| / |d| (rescale: the released code; 1 where |d| vanishes) or 1. rho_min shrinks
// with the learning rate. release_alias repeats a fault of the release: its restore is undone by aliasing, so the step
// starts from w - rho_min u. Both radii 0 is the plain rule: c = d = a, r = 1, a + (a - a) = a.
MakeRule bsam_rule(BsamSettings settings);

}  // namespace assay::learn
