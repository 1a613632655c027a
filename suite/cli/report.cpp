#include <iostream>

#include "cli/command.hpp"
#include "core/text.hpp"
#include "report/site.hpp"

namespace assay::cli {

void add_report(CLI::App& app, ExitCode&) {
  struct Options {
    std::string store, site;
  };
  auto options = std::make_shared<Options>();
  app.add_option("--db", options->store, "The store (default: results.db of the checkout)")->type_name("FILE");
  app.add_option("--site", options->site, "Where to render (default: reports/site)")->type_name("FOLDER");
  app.footer(
      "The pages are a function of the store and the declarations: same input, same bytes.\n\nExamples:\n"
      "  bench report\n  bench report --db /tmp/smoke.db --site /tmp/site");
  app.callback([options] {
    const auto catalog = read_catalog(checkout());
    const auto file = options->store.empty() ? checkout() / "results.db" : std::filesystem::path(options->store);
    const Store store(file, Store::Mode::kRead);
    const auto folder = options->site.empty() ? checkout() / "reports" / "site" : std::filesystem::path(options->site);
    const auto site = write_site(catalog, store, folder);
    std::cout << (folder / "index.html").lexically_normal().string() << ": " << site.pages << " pages, " << site.written
              << " written in " << duration(site.seconds) << "\n";
  });
}

}  // namespace assay::cli
