#pragma once

#include "data/postgis/places.hpp"
#include "geo/codec/rfc3339.hpp"
#include "services/domain/indicator_values.hpp"
#include "services/domain/intake.hpp"
#include "services/domain/intake_plan.hpp"
#include "services/domain/loader.hpp"
#include "services/domain/unit_lists.hpp"
#include "tests/support/database.hpp"

#include <memory>
#include <string>

namespace diaban::tests {

/// The official lists of units with the conversion table, and the real series, read from a record
/// as a node reads them. Made once for all tests of the program.
struct RealGround {
    explicit RealGround(std::filesystem::path const& data) {
        using data::postgis::load_units;
        auto const day = [](char const* text) { return *geo::codec::read_date(text); };
        auto const admin = data / "admin";
        load_units(database.uri(),
                   {admin / "gso_codes_2025-03-01.csv", day("2025-03-01"), day("2025-06-30")});
        load_units(database.uri(), {admin / "gso_codes_2025.csv", day("2025-07-01"), {}});
        data::postgis::load_crosswalk(database.uri(), admin / "crosswalk_2025-07-01.csv",
                                      day("2025-07-01"));
        services::domain::ImportRequest list;
        list.file =
            std::filesystem::path{DIABAN_PLANS}.parent_path() / "indicators" / "catalogue.csv";
        list.collection = "indicator_catalogue";
        list.mode = data::postgis::ImportMode::upsert;
        list.key = {"code"};
        services::domain::import_file(database.uri(), list);
        auto const plan = services::domain::read_plan(
            std::filesystem::path{DIABAN_PLANS} / "hatinh" / "5-indicators.toml", data);
        services::domain::run_plan(database.uri(), plan, [](std::string_view) {});
        places = view("places");
        indicators = view("indicators");
        catalogue = view("indicator_catalogue");
        lists = std::make_shared<services::domain::UnitLists const>(
            places->places, data::postgis::Places{pool}.latest_crosswalk());
    }

    [[nodiscard]] std::shared_ptr<services::domain::View const> view(std::string const& id) const {
        auto made = std::make_shared<services::domain::View>();
        made->collection = database.collection(id);
        data::postgis::CopyLine line{database.uri()};
        made->layer = services::domain::copy_collection(line, made->collection, 1).layer;
        if (id == "places")
            made->places =
                services::domain::read_places(database.uri(), made->collection, *made->layer);
        return made;
    }

    /// The values of an indicator and period, carried.
    [[nodiscard]] services::domain::CarriedValues
    carried(std::string_view code, std::string_view period,
            services::domain::CarryRequest const& request) const {
        auto const everyone = geo::Policy::everything();
        auto const indicator = services::domain::find_indicator(*catalogue, code, everyone);
        auto const rows = services::domain::read_rows(*indicators, {code, period, {}}, everyone);
        auto const people =
            services::domain::read_rows(*indicators, {"census_population", {}, {}}, everyone);
        services::domain::ReceivingWeights const receiving{*lists, people, request};
        return services::domain::carry_values(*lists, indicator.value(), rows, {}, receiving,
                                              request);
    }

    /// Null without DIABAN_DATA: the test says that it is skipped.
    static RealGround const* of(std::string const& test) {
        auto const file = real_data(test, "admin/gso_codes_2025.csv");
        if (!file) return nullptr;
        static RealGround const ground{file->parent_path().parent_path()};
        return &ground;
    }

    Database database;
    data::postgis::Pool pool{database.options(data::postgis::Role::serve)};
    std::shared_ptr<services::domain::View const> places;
    std::shared_ptr<services::domain::View const> indicators;
    std::shared_ptr<services::domain::View const> catalogue;
    std::shared_ptr<services::domain::UnitLists const> lists;
};

} // namespace diaban::tests
