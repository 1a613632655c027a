// Dirichlet-based Prediction Calibration (Zong, Wang, Xie and Huang, AAAI 2024).
//
// R1  Calibrated prediction rho_c = (exp o_c + gamma) / sum_j (exp o_j + gamma), gamma = 10 / C (Eq. 1); Dirichlet
//     parameters alpha = exp(o) / gamma + 1. Logits are clamped at 30 before the exponential (ours, against overflow).
// R2  L_nll = log sum_j (exp o_j + gamma) - log(exp o_y + gamma) (Eq. 4).
// R3  L_kl = KL of Dirichlet(alpha with alpha_y := 1) to the flat one, over C (Eq. 5), in float64.
//     L_edl = L_nll + beta L_kl per sample.
// R4  Two networks, alternating epoch by epoch; head A is the classifier, head B an MLP on the same features.
// R5  Warm-up on all data: mean L_edl(o_A), plus the negative entropy of rho(o_A) if conf_penalty.
// R6  Then, before each epoch: margins o_y - max_{c != y} o_c, scaled to [0, 1]; w = posterior of the mixture component
//     with the larger mean. Guard (Algorithm 1): only where the margins' excess kurtosis is at most 1.2, else w = margin.
// R7  A network trains on the split that its PEER made: X = {w > 1/2}, U = the rest. Where X has fewer than a batch, it is
//     the largest w of a batch. U is cycled through; an empty U is left out with its loss.
// R8  Per step, without gradient, own network in training mode and peer in evaluation mode:
//     t_u = sharpen(mean of both predictions, T); t_x = sharpen(w onehot(y) + (1 - w) own prediction, T).
// R9  Labelled and unlabelled rows are mixed with lambda = max(l, 1 - l), l ~ Beta(4, 4), by one permutation of them all.
// R10 L_x = lambda L_edl(o_A; argmax t) + (1 - lambda) L_edl(o_A; argmax of the partner's t), both at the mixed input;
//     L_u = mean squared difference of rho(o_B) and the mixed target; balance = KL(uniform || mean rho(o_A)).
//     Loss = L_x + lambda_u min((e - warm-up) / ramp, 1) L_u + balance.
// R11 Answer: the largest sum of both networks' o_A.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/mixture.hpp"
#include "learn/selection.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

torch::Tensor dpc_evidence(const torch::Tensor& logits) { return logits.clamp_max(30).exp(); }

torch::Tensor dpc_prediction(const torch::Tensor& logits, double gamma) {  // R1
  const auto mass = dpc_evidence(logits) + gamma;
  return mass / mass.sum(1, /*keepdim=*/true);
}

torch::Tensor dpc_nll(const torch::Tensor& logits, const torch::Tensor& labels, double gamma) {  // R2, per sample
  const auto mass = dpc_evidence(logits) + gamma;
  return mass.sum(1).log() - mass.gather(1, labels.unsqueeze(1)).squeeze(1).log();
}

torch::Tensor dpc_kl(const torch::Tensor& logits, const torch::Tensor& labels, double gamma) {  // R3, per sample
  const auto classes = static_cast<double>(logits.size(1));
  const auto alpha = (dpc_evidence(logits.to(torch::kFloat64)) / gamma + 1).scatter(1, labels.unsqueeze(1), 1.0);
  const auto sum = alpha.sum(1, /*keepdim=*/true);
  const auto pull = ((alpha - 1) * (alpha.digamma() - sum.digamma())).sum(1);
  return (sum.squeeze(1).lgamma() - std::lgamma(classes) - alpha.lgamma().sum(1) + pull) / classes;
}

torch::Tensor dpc_edl(const torch::Tensor& logits, const torch::Tensor& labels, double gamma, double beta) {
  return dpc_nll(logits, labels, gamma) + beta * dpc_kl(logits, labels, gamma).to(logits.scalar_type());
}

torch::Tensor dpc_margins(const torch::Tensor& logits, const torch::Tensor& labels) {  // R6
  const auto own = labels.unsqueeze(1);
  const auto others = logits.scatter(1, own, -std::numeric_limits<double>::infinity());
  return logits.gather(1, own).squeeze(1) - std::get<0>(others.max(1));
}

double dpc_excess_kurtosis(const torch::Tensor& values) {
  const auto centred = values.to(torch::kFloat64) - values.to(torch::kFloat64).mean();
  const double variance = centred.square().mean().item<double>();
  return variance > 0 ? centred.pow(4).mean().item<double>() / (variance * variance) - 3 : 0;
}

torch::Tensor dpc_clean_probability(const torch::Tensor& margins, bool guard) {  // R6
  const auto m = margins.to(torch::kFloat64).contiguous();
  if (guard && dpc_excess_kurtosis(m) > 1.2) return ((m - m.min()) / (m.max() - m.min())).to(torch::kFloat32);
  const std::span<const double> values(m.const_data_ptr<double>(), static_cast<std::size_t>(m.numel()));
  return torch::tensor(learn::clean_probability(values, learn::Clean::kLarge), torch::kFloat32);
}

torch::Tensor dpc_sharpened(const torch::Tensor& p, double temperature) { return (p.log() / temperature).softmax(1); }

class DpcNetImpl : public torch::nn::Module {  // R4
 public:
  DpcNetImpl(std::shared_ptr<learn::Net> net, std::int64_t classes, Stream stream, torch::Device device)
      : net_(register_module("net", std::move(net))),
        hidden_(register_module("hidden", learn::Dense(net_->features(), 2 * net_->features()))),
        out_(register_module("out", learn::Dense(2 * net_->features(), classes))) {
    learn::initialise(*hidden_, stream);
    learn::initialise(*out_, stream);
    to(device);
  }

  torch::Tensor head_a(const torch::Tensor& x) { return net_->forward(x).logits; }

  // Logits of both heads; `kept` is the dropout mask of head B, 0 or 2 for each hidden value.
  std::pair<torch::Tensor, torch::Tensor> heads(const torch::Tensor& x, const torch::Tensor& kept) {
    const auto features = net_->forward(x);
    return {features.logits, out_(hidden_(features.z).relu() * kept)};
  }
  std::int64_t hidden_size() const { return 2 * net_->features(); }

 private:
  std::shared_ptr<learn::Net> net_;
  learn::Dense hidden_, out_;
};
TORCH_MODULE(DpcNet);

struct DpcSettings {
  double beta = 0, temperature = 0, mix = 0, lambda_u = 0, ramp = 0, epochs = 0, warmup = 0;
  bool conf_penalty = true, guard = true;
};

// Walks through rows in a shuffled order, shuffling anew whenever they are used up.
class DpcRows {
 public:
  DpcRows(std::vector<std::int64_t> rows, Stream& stream) : rows_(std::move(rows)), stream_(stream) {}

  std::vector<std::int64_t> take(std::int64_t count) {
    std::vector<std::int64_t> taken;
    for (std::int64_t i = 0; i < count; ++i) {
      if (next_ == 0) stream_.shuffle(rows_);
      taken.push_back(rows_[next_]);
      next_ = (next_ + 1) % rows_.size();
    }
    return taken;
  }
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::int64_t> rows_;
  Stream& stream_;
  std::size_t next_ = 0;
};

// One of the two networks with all that is its own.
struct DpcSide {
  DpcSide(const View& view, std::int64_t k) : DpcSide(view, k, view.stream("method", k)) {}

  DpcNet net;
  learn::PlainRule rule;
  Stream order, augment, method;
  at::Generator generator;
  learn::Loader loader;  // of the warm-up
  torch::Tensor w;       // clean probability, by this side's margins

 private:
  DpcSide(const View& view, std::int64_t k, Stream draws)
      : net(view.network(k), view.classes, Stream(draws.bits()), view.device),
        rule(*net, view.recipe),
        order(view.stream("order", k).bits()),
        augment(view.stream("augment", k).bits()),
        method(draws.bits()),
        generator(learn::generator(draws.bits())),
        loader(view.loader(k)) {}
};

class Dpc final : public Method {
 public:
  explicit Dpc(StrictObject& card) {
    settings_.beta = card.real("beta");
    settings_.temperature = card.real("temperature");
    settings_.mix = card.real("mix");
    settings_.lambda_u = card.real("lambda_u");
    settings_.ramp = card.real("ramp");
    settings_.epochs = card.real("epochs");
    settings_.warmup = card.real("warmup");
    settings_.conf_penalty = card.flag_or("conf_penalty", true);
    settings_.guard = card.flag_or("kurtosis_guard", true);
  }

  Fit fit(const View& view) override {
    const auto part = [&](double share) {  // of the recipe's epochs, to the nearest
      return std::max<std::int64_t>(1, std::lround(share * static_cast<double>(view.recipe.epochs)));
    };
    const auto epochs = part(settings_.epochs), warmup = std::min(part(settings_.warmup), epochs);
    const auto ramp = static_cast<double>(part(settings_.ramp));
    const double gamma = 10.0 / static_cast<double>(view.classes);  // R1
    DpcSide one(view, 0), two(view, 1);
    const Classifier classifier = [&](const torch::Tensor& x) {  // R11: half the sum has the same argmax
      one.net->eval();
      two.net->eval();
      return dpc_prediction((one.net->head_a(x) + two.net->head_a(x)) / 2, gamma);
    };
    torch::Tensor clean;
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
      if (epoch < warmup) {
        const double loss = warm_up(view, one, epoch, epochs, gamma) + warm_up(view, two, epoch, epochs, gamma);
        view.record->epoch(epoch + 1, epochs, classifier, {loss / 2});
        continue;
      }
      one.w = clean_probability(view, one);
      two.w = clean_probability(view, two);
      clean = (one.w + two.w) / 2;
      const Phase phase{epoch, epochs, warmup, ramp, gamma};
      const double loss = co_divide(view, one, two, phase) + co_divide(view, two, one, phase);
      view.record->epoch(epoch + 1, epochs, classifier, {loss / 2, clean > 0.5});
    }
    return {clean};
  }

 private:
  struct Phase {
    std::int64_t epoch, epochs, warmup;
    double ramp, gamma;
  };

  static learn::Progress progress(const View& view, std::int64_t epoch, std::int64_t epochs, double inside) {
    const double t = (static_cast<double>(epoch) + inside) / static_cast<double>(epochs);
    return {t, epoch, epochs, learn::cosine(view.recipe.learning_rate, t)};
  }

  double warm_up(const View& view, DpcSide& side, std::int64_t epoch, std::int64_t epochs, double gamma) const {  // R5
    const auto steps = side.loader.steps_per_epoch();
    const learn::Score score = [&](const Batch& batch) {
      const auto logits = side.net->head_a(batch.x);
      auto loss = dpc_edl(logits, batch.y, gamma, settings_.beta).mean();
      const auto p = dpc_prediction(logits, gamma);
      if (settings_.conf_penalty) loss = loss + (p * p.log()).sum(1).mean();
      return learn::Scored{loss, logits};
    };
    side.net->train();
    double sum = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
      const double inside = static_cast<double>(i) / static_cast<double>(steps);
      sum += side.rule.step(score, side.loader.next(), progress(view, epoch, epochs, inside));
    }
    return sum / static_cast<double>(steps);
  }

  torch::Tensor clean_probability(const View& view, DpcSide& side) const {  // R6
    constexpr std::int64_t kChunk = 500;
    torch::NoGradGuard no_grad;
    side.net->eval();
    std::vector<torch::Tensor> parts;
    for (std::int64_t from = 0; from < view.images.size(); from += kChunk) {
      const auto x = view.images.plain(from, std::min(from + kChunk, view.images.size())).to(view.device);
      parts.push_back(side.net->head_a(x).to(torch::kCPU));
    }
    return dpc_clean_probability(dpc_margins(torch::cat(parts), view.labels), settings_.guard);
  }

  struct Split {
    std::vector<std::int64_t> labelled, unlabelled;
  };

  static Split split(const torch::Tensor& w, std::int64_t batch) {  // R7
    Split split;
    for (std::int64_t i = 0; i < w.size(0); ++i) {
      (w[i].item<float>() > 0.5F ? split.labelled : split.unlabelled).push_back(i);
    }
    if (static_cast<std::int64_t>(split.labelled.size()) < batch) {
      const auto largest = torch::argsort(w, /*stable=*/true, 0, /*descending=*/true).narrow(0, 0, batch).contiguous();
      const auto* first = largest.const_data_ptr<std::int64_t>();
      split.labelled.assign(first, first + batch);
    }
    return split;
  }

  // One epoch of `own` on the split that `peer` made.
  double co_divide(const View& view, DpcSide& own, DpcSide& peer, const Phase& phase) const {
    const auto size = view.recipe.batch;
    const auto parts = split(peer.w, size);
    const auto steps = static_cast<std::int64_t>(parts.labelled.size()) / size;
    DpcRows labelled(parts.labelled, own.order), unlabelled(parts.unlabelled, own.order);
    own.net->train();
    peer.net->eval();
    double sum = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
      const double inside = static_cast<double>(i) / static_cast<double>(steps);
      const double past = static_cast<double>(phase.epoch - phase.warmup) + inside;
      const double weight = settings_.lambda_u * std::clamp(past / phase.ramp, 0.0, 1.0);
      const auto x_rows = labelled.take(size);
      const auto u_rows = unlabelled.empty() ? std::vector<std::int64_t>{} : unlabelled.take(size);
      const auto mixed = mix(view, own, peer, x_rows, u_rows, phase.gamma);
      const learn::Score score = [&](const Batch& batch) { return loss(own, batch, mixed, weight, phase.gamma); };
      Batch batch;
      batch.x = mixed.x;
      batch.epoch = phase.epoch;
      batch.step = i;
      sum += own.rule.step(score, batch, progress(view, phase.epoch, phase.epochs, inside));
    }
    return sum / static_cast<double>(steps);
  }

  struct Mixed {
    torch::Tensor x, target, own_label, partner_label;
    torch::Tensor kept;  // dropout mask of head B, drawn once: the batch is frozen
    double lambda = 1;
    std::int64_t labelled = 0;
  };

  Mixed mix(const View& view, DpcSide& own, DpcSide& peer, const std::vector<std::int64_t>& x_rows,
            const std::vector<std::int64_t>& u_rows, double gamma) const {
    const auto x = view.images.weak(x_rows, view.augmentation, own.augment).to(view.device);
    const auto rows = torch::tensor(x_rows, torch::kInt64);
    auto inputs = x;
    auto targets = labelled_targets(view, own, x, rows, peer.w.index_select(0, rows), gamma);
    if (!u_rows.empty()) {
      const auto u = view.images.weak(u_rows, view.augmentation, own.method).to(view.device);
      torch::NoGradGuard no_grad;
      const auto q = (dpc_prediction(own.net->head_a(u), gamma) + dpc_prediction(peer.net->head_a(u), gamma)) / 2;
      inputs = torch::cat({x, u});
      targets = torch::cat({targets, dpc_sharpened(q, settings_.temperature)});
    }
    Mixed mixed;  // R9
    const double drawn = learn::beta_draw(settings_.mix, settings_.mix, own.generator);
    mixed.lambda = std::max(drawn, 1 - drawn);
    const auto partner = learn::permutation(inputs.size(0), own.generator).to(view.device);
    mixed.x = mixed.lambda * inputs + (1 - mixed.lambda) * inputs.index_select(0, partner);
    mixed.target = mixed.lambda * targets + (1 - mixed.lambda) * targets.index_select(0, partner);
    mixed.own_label = targets.argmax(1);
    mixed.partner_label = mixed.own_label.index_select(0, partner);
    mixed.labelled = static_cast<std::int64_t>(x_rows.size());
    const auto coin = torch::rand({inputs.size(0), own.net->hidden_size()}, own.generator);
    mixed.kept = coin.ge(0.5).to(torch::kFloat32).mul(2).to(view.device);
    return mixed;
  }

  torch::Tensor labelled_targets(const View& view, DpcSide& own, const torch::Tensor& x, const torch::Tensor& rows,
                                 const torch::Tensor& w, double gamma) const {  // R8
    torch::NoGradGuard no_grad;
    const auto given = torch::one_hot(view.labels.index_select(0, rows), view.classes).to(torch::kFloat32);
    const auto trust = w.unsqueeze(1).to(view.device);
    const auto own_view = dpc_prediction(own.net->head_a(x), gamma);
    return dpc_sharpened(trust * given.to(view.device) + (1 - trust) * own_view, settings_.temperature);
  }

  learn::Scored loss(DpcSide& own, const Batch& batch, const Mixed& mixed, double weight, double gamma) const {  // R10
    const auto [logits_a, logits_b] = own.net->heads(batch.x, mixed.kept);
    const auto n = mixed.labelled;
    const auto edl = [&](const torch::Tensor& labels) {
      return dpc_edl(logits_a.narrow(0, 0, n), labels.narrow(0, 0, n), gamma, settings_.beta).mean();
    };
    const auto mean = dpc_prediction(logits_a, gamma).mean(0);
    const auto classes = static_cast<double>(mean.size(0));
    auto total = mixed.lambda * edl(mixed.own_label) + (1 - mixed.lambda) * edl(mixed.partner_label) -
                 mean.log().mean() - std::log(classes);
    if (const auto rest = batch.x.size(0) - n; rest > 0) {
      const auto prediction = dpc_prediction(logits_b.narrow(0, n, rest), gamma);
      total = total + weight * (prediction - mixed.target.narrow(0, n, rest)).square().mean();
    }
    return {total, logits_a};
  }

  DpcSettings settings_;
};

const Register<Dpc> dpc_registered{"dpc"};

}  // namespace assay::noisy_labels
