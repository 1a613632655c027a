// One setting made concrete: which rows are labelled, how much is trained, and which network.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "learn/job.hpp"
#include "multi-label-kd/label_report.hpp"
#include "multi-label-kd/labelled_data.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

struct Budget {
  multi_label::SplitSizes sizes;
  std::string network;
  Schedule schedule;
  BaseLoss loss;
};
Budget read_budget(const Json& budget);

struct Setting {
  double labelled_share = 0;
  bool drawn = false;       // which rows are labelled; otherwise the first ones
  bool pretrained = false;  // the trunk starts from the data set's file imagenet-weights/<network>.pt
  multi_label::ScoreRules rules;
};
Setting read_setting(const Job& job);

struct Split {
  Rows labelled, unlabelled;
};
// At least one row of each; DeclarationError where the share leaves none. `draw`: where rows are drawn.
Split split_rows(const Setting& setting, std::int64_t rows, Stream draw);

struct Network {
  std::string id;
  std::filesystem::path trunk;  // file of weights; empty: from scratch
};
Network network_of(const Budget& budget, const Setting& setting, const Job& job);
// With initial weights from the stream.
std::shared_ptr<learn::LabelNet> new_net(const Network& network, const View& view, Stream init);

}  // namespace assay::ssl_multi_label
