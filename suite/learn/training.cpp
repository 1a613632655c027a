#include "learn/training.hpp"

#include <cmath>
#include <numbers>

namespace assay::learn {

double cosine(double learning_rate, double t) { return learning_rate * (1 + std::cos(std::numbers::pi * t)) / 2; }

void train(torch::nn::Module& module, Loader& loader, UpdateRule& rule, const Recipe& recipe, const Loop& loop) {
  const auto per_epoch = loader.steps_per_epoch();
  const auto steps = per_epoch * recipe.epochs;
  for (std::int64_t epoch = 0; epoch < recipe.epochs; ++epoch) {
    module.train();
    double sum = 0;
    for (std::int64_t i = 0; i < per_epoch; ++i) {
      auto batch = loader.next();
      loop.prepare(batch);
      const double t = static_cast<double>(batch.step) / static_cast<double>(steps);
      sum += rule.step(loop.score, batch, {t, epoch, recipe.epochs, cosine(recipe.learning_rate, t)});
    }
    loop.end(epoch, sum / static_cast<double>(per_epoch));
  }
}

}  // namespace assay::learn
