// One setting made concrete: its images, how much is trained, and which networks.
#pragma once

#include <filesystem>
#include <string>

#include "learn/job.hpp"
#include "multi-label-kd/label_report.hpp"
#include "multi-label-kd/labelled_data.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

struct Budget {
  multi_label::SplitSizes sizes;
  std::int64_t epochs = 0, batch = 0;
  // The teacher's schedule is laid out for teacher_epochs and ends after teacher_stop of them.
  std::int64_t teacher_epochs = 0, teacher_stop = 0;
  double learning_rate = 0, weight_decay = 0;
  bool cycle_momentum = false;
};
Budget read_budget(const Json& budget);

struct Setting {
  std::string teacher, student;  // networks' ids
  bool colour_views = false;
  bool pretrained = false;  // trunks start from the data set's files imagenet-weights/<network>.pt
  multi_label::ScoreRules rules;
};
Setting read_setting(const Job& job);

// A schedule of `epochs` epochs, of which `laid_out` would be the whole cycle.
Schedule schedule_of(const Budget& budget, std::int64_t images, std::int64_t laid_out, std::int64_t epochs);

// A new network with the initial weights that the stream gives, or with a pretrained trunk.
std::shared_ptr<learn::LabelNet> new_network(const std::string& id, const multi_label::LabelledData& data,
                                             const Job& job, bool pretrained, bool auxiliary, Stream init);

}  // namespace assay::multi_label_kd
