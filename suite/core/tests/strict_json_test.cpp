#include "core/strict_json.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace assay {
namespace {

const Json kDocument = Json::parse(R"({
  "text": "a", "empty": "", "real": 1.5, "integer": 3, "flag": true, "null": null,
  "texts": ["a", "b"], "mixed": ["a", 1], "object": {"a/b": {"c~d": 1}}, "objects": [{"x": 1}, {"x": 2}]
})");

StrictObject object() { return {kDocument, "file.json", ""}; }

template <typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const DeclarationError& error) {
    return error.what();
  }
  return "no error";
}

TEST(StrictJson, GivesTypedValues) {
  auto o = object();
  EXPECT_EQ(o.text("text"), "a");
  EXPECT_EQ(o.real("real"), 1.5);
  EXPECT_EQ(o.real("integer"), 3);
  EXPECT_EQ(o.integer("integer"), 3);
  EXPECT_TRUE(o.flag_or("flag", false));
  EXPECT_TRUE(o.flag_or("absent", true));
  EXPECT_EQ(o.texts("texts"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(o.objects("objects")[1].integer("x"), 2);
  EXPECT_EQ(o.choice("text", {"a", "b"}), "a");
  EXPECT_EQ(o.maybe_text("absent"), std::nullopt);
  EXPECT_EQ(o.maybe_real("real"), 1.5);
  EXPECT_FALSE(o.has("absent"));
}

TEST(StrictJson, RefusesWrongTypes) {
  EXPECT_EQ(error_of([] { object().text("integer"); }),
            "file.json:/integer: wrong value: expected a text, found number 3");
  EXPECT_EQ(error_of([] { object().text("empty"); }),
            "file.json:/empty: wrong value: expected a text, found string \"\"");
  EXPECT_EQ(error_of([] { object().integer("real"); }),
            "file.json:/real: wrong value: expected an integer, found number 1.5");
  EXPECT_EQ(error_of([] { object().real("text"); }),
            "file.json:/text: wrong value: expected a number, found string \"a\"");
  EXPECT_EQ(error_of([] { object().maybe_real("null"); }),
            "file.json:/null: wrong value: expected a number, found null");
  EXPECT_EQ(error_of([] { object().flag_or("integer", true); }),
            "file.json:/integer: wrong value: expected true or false, found number 3");
  EXPECT_EQ(error_of([] { object().texts("mixed"); }),
            "file.json:/mixed/1: wrong value: expected a text, found number 1");
  EXPECT_EQ(error_of([] { object().objects("texts"); }),
            "file.json:/texts/0: wrong type: expected an object, found string \"a\"");
}

TEST(StrictJson, NamesMissingAndUnknownKeys) {
  EXPECT_EQ(error_of([] { object().real("zzz"); }),
            "file.json:/: missing key \"zzz\": expected a number, found nothing; add it");
  EXPECT_EQ(error_of([] { object().real("reel"); }),
            "file.json:/: missing key \"reel\": expected a number, found nothing; is \"real\" a misspelling of it?");
  EXPECT_EQ(error_of([] {
              auto item = object().objects("objects")[0];
              item.maybe_integer("xx");
              item.done();
            }),
            "file.json:/objects/0/x: unknown key: expected one of xx, found \"x\"; did you mean xx?");
}

TEST(StrictJson, AskingForAKeyMakesItKnown) {
  auto item = object().objects("objects")[0];
  item.has("x");
  EXPECT_EQ(error_of([&] { item.done(); }), "no error");
}

TEST(StrictJson, PointersAreEscaped) {
  EXPECT_EQ(error_of([] { object().object("object").object("a/b").text("c~d"); }),
            "file.json:/object/a~1b/c~0d: wrong value: expected a text, found number 1");
}

TEST(StrictJson, AChoiceNamesTheNearest) {
  EXPECT_EQ(error_of([] {
              const Json document{{"tier", "qick"}};
              StrictObject(document, "f", "").choice("tier", {"quick", "paper"});
            }),
            "f:/tier: wrong value: expected one of quick, paper, found \"qick\"; did you mean quick?");
}

TEST(StrictJson, BrokenTextIsPlaced) {
  EXPECT_EQ(
      error_of([] { parse_json("{\n  \"a\": 1,\n  b\n}", "f"); }).find("f: broken JSON at line 3, column 3: found"),
      0u);
  EXPECT_EQ(error_of([] { parse_json("", "f"); }).find("f: broken JSON at line 1, column 1: found"), 0u);
  EXPECT_NE(error_of([] { parse_json("{} x", "f"); }), "no error");
  EXPECT_NE(error_of([] { parse_json("{\"a\": NaN}", "f"); }), "no error");
}

TEST(StrictJson, AKeyGivenTwiceIsRefusedInItsObjectOnly) {
  EXPECT_EQ(error_of([] { parse_json(R"({"a": {"b": 1, "b": 2}})", "f"); }),
            "f: key given twice: expected each key once, found \"b\"");
  EXPECT_EQ(error_of([] { parse_json(R"({"a": {"b": 1}, "b": {"b": 2}})", "f"); }), "no error");
}

}  // namespace
}  // namespace assay
