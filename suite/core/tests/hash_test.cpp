#include "core/hash.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/errors.hpp"
#include "core/files.hpp"

namespace assay {
namespace {

// FIPS 180-2, appendix B: the empty text, one block, two blocks.
TEST(Hash, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Hash, PartsAreTheWhole) { EXPECT_EQ(Sha256().update("a").update("").update("bc").hex(), sha256("abc")); }

TEST(Hash, ACopyGoesOnFromTheSameState) {
  Sha256 prefix;
  prefix.update("ab");
  EXPECT_EQ(Sha256(prefix).update("c").hex(), sha256("abc"));
  EXPECT_EQ(Sha256(prefix).update("d").hex(), sha256("abd"));
  EXPECT_EQ(prefix.hex(), sha256("ab"));
}

TEST(Hash, FilesLargerThanTheBufferAreHashedWhole) {
  std::string name = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  const std::string content((1 << 20) + 17, 'x');
  write_file(folder / "file", content);
  EXPECT_EQ(sha256_file(folder / "file"), sha256(content));
  std::filesystem::remove_all(folder);
}

TEST(Hash, AFileThatCannotBeReadIsNamed) {
  try {
    sha256_file("/no/such/file");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(
        error.what(),
        "/no/such/file: cannot read file: found No such file or directory; check that it exists and is readable");
  }
  EXPECT_THROW(sha256_file("/"), DataError);
}

}  // namespace
}  // namespace assay
