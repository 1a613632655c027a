#include "report/site.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <set>
#include <thread>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "report/format.hpp"
#include "report/pages.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& item : fs::recursive_directory_iterator(folder, absent)) {
    if (item.is_regular_file() && (extension.empty() || item.path().extension() == extension))
      files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What every page depends on: this program, the declarations, the templates.
std::string common_stamp(const Catalog& catalog) {
  static const std::string program = sha256_file("/proc/self/exe");
  Sha256 hash;
  hash.update(program);
  for (const auto& [folder, extension] :
       {std::pair{"tasks", ".json"}, {"baselines", ".json"}, {"reports/templates", ""}}) {
    for (const auto& file : files_below(catalog.root / folder, extension)) {
      hash.update(file.lexically_relative(catalog.root).string()).update(read_file(file));
    }
  }
  return hash.hex();
}

std::string stamp_of(const std::string& common, const std::vector<std::string>& parts) {
  Sha256 hash;
  hash.update(common);
  for (const auto& part : parts) hash.update(part);
  return hash.hex().substr(0, 32);
}

// Calls work(0) .. work(count - 1) on two threads or as many as there are; the first exception is thrown here.
// `make_state` gives each thread what it may not share.
template <typename MakeState, typename Work>
void in_parallel(std::size_t count, const MakeState& make_state, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto run = [&] {
    try {
      auto state = make_state();
      for (std::size_t i = next++; i < count; i = next++) work(state, i);
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  const auto threads = std::min<std::size_t>({count, 8, std::max(1u, std::thread::hardware_concurrency())});
  std::vector<std::thread> pool;
  for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(run);
  run();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

// A page and the boards that it shows.
struct PlannedPage {
  Page page;
  std::vector<Group*> groups;
  bool curves = false;  // it draws learning curves
};

class Planner {
 public:
  Planner(SiteData& data, std::string common) : data_(data), common_(std::move(common)) {}

  std::vector<PlannedPage> pages() {
    home();
    for (const auto& task : data_.catalog.tasks) plan_task(task);
    for (const auto& method : data_.catalog.methods) plan_method(method);
    for (auto& group : data_.groups) plan_setting(group);
    for (const auto& [key, executions] : data_.by_key) plan_run(key, executions);
    return std::move(pages_);
  }

 private:
  void add(std::string path, std::string layout, std::vector<std::string> parts, std::vector<Group*> groups,
           bool curves, std::function<View()> view) {
    for (const auto* group : groups) parts.push_back(group->stamp);
    pages_.push_back(
        {{std::move(path), stamp_of(common_, parts), std::move(layout), std::move(view)}, std::move(groups), curves});
  }

  std::vector<Group*> groups_of(const std::string& task) {
    std::vector<Group*> groups;
    for (auto& group : data_.groups) {
      if (group.task->id == task) groups.push_back(&group);
    }
    return groups;
  }

  void home() {
    std::vector<Group*> all;
    for (auto& group : data_.groups) all.push_back(&group);
    add("index.html", "home", {}, all, false, [this] { return home_view(data_); });
  }

  void plan_task(const Task& task) {
    add(task_page(task.id), "task", {}, groups_of(task.id), false, [this, &task] { return task_view(data_, task); });
  }

  void plan_method(const Method& method) {
    add(method_page(method.task, method.id), "method", {}, groups_of(method.task), false,
        [this, &method] { return method_view(data_, method); });
  }

  // Its links to other tiers tell how many runs these have.
  void plan_setting(Group& group) {
    std::vector<std::string> parts;
    for (const auto* other : data_.tiers_of(*group.task, *group.setting))
      parts.push_back(std::to_string(other->rows.size()));
    add(setting_page(group.task->id, group.setting->id, group.tier), "setting", parts, {&group}, true,
        [this, &group] { return setting_view(data_, group, group.board); });
    for (std::size_t i = 0; i < group.task->views.size(); ++i) {
      const auto& id = group.task->views[i].id;
      add(setting_page(group.task->id, group.setting->id, group.tier, id), "setting", parts, {&group}, true,
          [this, &group, i] { return setting_view(data_, group, group.views[i]); });
    }
  }

  void plan_run(const std::string& key, const std::vector<const Result*>& executions) {
    std::vector<std::string> parts{key};
    for (const auto* run : executions) {
      parts.push_back(std::to_string(run->id) + " " + std::to_string(run->started_ms) + " " + run->environment +
                      run->digest);
    }
    add(run_page(key), "run", parts, {}, false, [this, &executions] { return run_view(data_, executions); });
  }

  SiteData& data_;
  std::string common_;
  std::vector<PlannedPage> pages_;
};

void make_wanted_boards(SiteData& data, const std::vector<PlannedPage>& pages) {
  std::set<Group*> wanted;
  std::set<std::string> curves;
  for (const auto& planned : pages) {
    wanted.insert(planned.groups.begin(), planned.groups.end());
    if (!planned.curves || planned.groups.front()->rows.empty()) continue;
    for (const auto& curve : planned.groups.front()->task->curves) curves.insert(curve.name);
  }
  for (const auto& name : curves) data.curves[name] = data.store.curves_named(name);
  const std::vector<Group*> groups(wanted.begin(), wanted.end());
  const auto predictions = [&data](std::int64_t run) {
    return data.ask([run](const Store& store) { return store.predictions(run); });
  };
  in_parallel(
      groups.size(), [] { return 0; },
      [&](int&, std::size_t i) {
        auto& group = *groups[i];
        auto boards = make_boards(data.catalog, *group.task, *group.setting, group.tier, group.rows, predictions);
        group.board = std::move(boards.front());
        group.views.assign(std::move_iterator(boards.begin() + 1), std::move_iterator(boards.end()));
      });
}

}  // namespace

SiteSummary write_site(const Catalog& catalog, const Store& store, const fs::path& folder) {
  const auto begin = std::chrono::steady_clock::now();
  SiteData data(catalog, store);
  SiteFolder site(folder);
  Planner planner(data, common_stamp(catalog));
  const auto pages = planner.pages();
  std::map<std::string, std::string> stamps;
  std::vector<PlannedPage> stale;
  for (const auto& planned : pages) {
    stamps[planned.page.path] = planned.page.stamp;
    if (!site.current(planned.page)) stale.push_back(planned);
  }
  make_wanted_boards(data, stale);
  std::atomic<std::size_t> written{0};
  const auto templates = [&] { return Templates(catalog.root / "reports" / "templates"); };
  in_parallel(stale.size(), templates, [&](Templates& mine, std::size_t i) {
    const auto& page = stale[i].page;
    written += site.put(page.path, mine.render(page.layout, page.view()));
  });
  for (const auto& asset : files_below(catalog.root / "reports" / "assets", "")) {
    const auto path = "assets/" + asset.filename().string();
    stamps[path] = "asset";
    site.put(path, read_file(asset));
  }
  site.finish(stamps);
  return {pages.size(), written, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
}

}  // namespace assay
