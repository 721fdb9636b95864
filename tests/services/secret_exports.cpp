// What is planted is looked for in the files of exports, as everybody who may not know it.

#include "tests/services/job_client.hpp"
#include "tests/services/kept_file.hpp"
#include "tests/services/planted.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <optional>
#include <string>
#include <vector>

using namespace diaban;
using nlohmann::json;
using tests::Planted;

namespace {

/// The file of an export that one of them asks for; nothing if there is no such collection to them.
std::optional<std::string> exported_to(std::uint16_t port, tests::Who const& who,
                                       std::string const& collection, std::string const& format) {
    json const inputs{{"collection", collection}, {"format", format}};
    auto const asked = tests::ask_export(port, inputs, who.field);
    if (asked.status != 201) return std::nullopt;
    return tests::export_of(port, asked, who.field);
}

/// The bytes of a file, and every value that GDAL reads in it.
std::string text_of(std::string const& bytes, std::string const& format) {
    tests::KeptFile const file{"." + format, bytes};
    auto text = bytes;
    GDALAllRegister();
    auto* const dataset = static_cast<GDALDataset*>(GDALOpenEx(
        file.path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY, nullptr, nullptr, nullptr));
    BOOST_REQUIRE(dataset != nullptr);
    for (auto* const layer : dataset->GetLayers())
        for (auto const& feature : *layer)
            for (int i = 0; i < feature->GetFieldCount(); ++i)
                text += fmt::format("\n{}={}", feature->GetDefnRef()->GetFieldDefn(i)->GetNameRef(),
                                    feature->GetFieldAsString(i));
    GDALClose(dataset);
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(files_of_exports_hold_nothing_that_who_asks_may_not_know) {
    Planted planted;
    planted.plant();
    planted.plant_values();
    auto const port = planted.node->port();
    std::size_t files = 0;
    for (std::string const format : {"geojson", "csv", "fgb", "gpkg", "xlsx"}) {
        auto const blocks = exported_to(port, planted.chief, "blocks", format);
        BOOST_REQUIRE(blocks);
        auto const known = text_of(*blocks, format);
        for (auto const* const mark : {"ALPHA7319", "GAMMA7319", "7319"}) // the marks are marks
            BOOST_TEST(known.find(mark) != std::string::npos, format << " " << mark);
        std::vector<std::string> collections{"blocks"};
        if (format != "fgb") { // holds no row without a geometry, and some spots have none
            collections.emplace_back("spots");
            auto const spots = exported_to(port, planted.chief, "spots", format);
            BOOST_REQUIRE(spots);
            BOOST_TEST(text_of(*spots, format).find("BETA7319") != std::string::npos, format);
        }
        for (auto const& who : planted.outsiders) {
            BOOST_TEST(!exported_to(port, who, "ways", format), who.name << " " << format);
            for (auto const& collection : collections) {
                auto const file = exported_to(port, who, collection, format);
                if (!file) continue;
                ++files;
                auto const text = text_of(*file, format);
                for (auto const mark : tests::marks)
                    BOOST_TEST(text.find(mark) == std::string::npos,
                               who.name << " finds " << mark << " in " << collection << " as "
                                        << format);
            }
        }
    }
    BOOST_TEST(files >= 18U); // two of the three see both, fgb one alone
}

BOOST_AUTO_TEST_SUITE_END()
