#include "learn/registry.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace assay {

Registry& Registry::instance() {
  static Registry registry;
  return registry;
}

void Registry::add_task(TaskEntry entry) {
  if (task(entry.id)) throw std::logic_error("two tasks named " + entry.id);
  tasks_.push_back(std::move(entry));
}

void Registry::add_method(MethodEntry entry) {
  for (const auto& other : methods_) {
    if (other.task == entry.task && other.id == entry.id) {
      throw std::logic_error("two methods named " + entry.id + ": " + other.source + " and " + entry.source);
    }
  }
  methods_.push_back(std::move(entry));
}

const TaskEntry* Registry::task(const std::string& id) const {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(), [&](const TaskEntry& task) { return task.id == id; });
  return found == tasks_.end() ? nullptr : &*found;
}

std::vector<TaskEntry> Registry::tasks() const {
  auto sorted = tasks_;
  std::sort(sorted.begin(), sorted.end(), [](const TaskEntry& a, const TaskEntry& b) { return a.id < b.id; });
  return sorted;
}

std::vector<MethodEntry> Registry::methods() const {
  auto sorted = methods_;
  std::sort(sorted.begin(), sorted.end(),
            [](const MethodEntry& a, const MethodEntry& b) { return std::tie(a.task, a.id) < std::tie(b.task, b.id); });
  return sorted;
}

}  // namespace assay
