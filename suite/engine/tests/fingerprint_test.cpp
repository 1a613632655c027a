#include "engine/fingerprint.hpp"

#include <gtest/gtest.h>

#include "core/files.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

class FingerprintTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay-sources-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    write_file(root_ / "suite/learn/loop.hpp", "#pragma once\n");
    write_file(root_ / "suite/learn/loop.cpp", "#include \"learn/loop.hpp\"\n#include \"learn/schedule.hpp\"\n");
    write_file(root_ / "suite/learn/schedule.hpp", "// cosine\n");
    write_file(root_ / "suite/learn/schedule_tables.cpp", "#include \"learn/schedule.hpp\"\n");  // no header of its own
    write_file(root_ / "suite/learn/unused.hpp", "#include \"learn/loop.hpp\"\n");
    write_file(root_ / "tasks/t/protocol.hpp", "#include \"learn/loop.hpp\"\n");
    write_file(root_ / "baselines/t/a.cpp", "#include \"t/protocol.hpp\"\n#include <vector>\n");
    write_file(root_ / "baselines/t/b.cpp", "#include \"t/protocol.hpp\"\n#include \"helper.hpp\"\n");
    write_file(root_ / "baselines/t/helper.hpp", "\n");
    write_file(root_ / "baselines/t/helper.cpp", "#include \"helper.hpp\"\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string of(const std::string& method) const {
    SourceGraph graph(root_, {"suite", "tasks"});
    return code_fingerprint(graph, graph.closure("baselines/t/" + method + ".cpp"));
  }
  fs::path root_;
};

TEST_F(FingerprintTest, FollowsQuotedIncludesAndTheirSources) {
  SourceGraph graph(root_, {"suite", "tasks"});
  EXPECT_EQ(
      graph.closure("baselines/t/a.cpp"),
      (std::set<std::string>{"baselines/t/a.cpp", "suite/learn/loop.cpp", "suite/learn/loop.hpp",
                             "suite/learn/schedule.hpp", "suite/learn/schedule_tables.cpp", "tasks/t/protocol.hpp"}));
}

TEST_F(FingerprintTest, ChangesExactlyWhereAnEditMatters) {
  const auto a = of("a"), b = of("b");
  write_file(root_ / "suite/learn/unused.hpp", "// edited\n#include \"learn/loop.hpp\"\n");
  write_file(root_ / "README.md", "docs\n");
  EXPECT_EQ(of("a"), a);
  write_file(root_ / "baselines/t/helper.cpp", "// edited\n#include \"helper.hpp\"\n");
  EXPECT_EQ(of("a"), a);
  EXPECT_NE(of("b"), b);
  write_file(root_ / "suite/learn/schedule_tables.cpp", "// edited\n#include \"learn/schedule.hpp\"\n");
  EXPECT_NE(of("a"), a);
  const auto edited = of("a");
  fs::last_write_time(root_ / "baselines/t/a.cpp", fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(of("a"), edited);  // time stamps do not matter
}

}  // namespace
}  // namespace assay
