#pragma once

#include "tests/services/job_client.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <ogrsf_frmts.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace diaban::tests {

/// A pack on somebody's phone: a file that GDAL opens and writes.
class PackOnPhone {
public:
    explicit PackOnPhone(std::string const& bytes) {
        static std::atomic<int> number{0};
        m_path = std::filesystem::temp_directory_path() /
                 fmt::format("diaban-pack-{}-{}.gpkg", ::getpid(), ++number);
        std::ofstream{m_path, std::ios::binary} << bytes;
        GDALAllRegister();
    }
    PackOnPhone(PackOnPhone const&) = delete;
    PackOnPhone& operator=(PackOnPhone const&) = delete;
    ~PackOnPhone() { std::filesystem::remove(m_path); }

    using Dataset = std::unique_ptr<GDALDataset, decltype(&GDALClose)>;
    [[nodiscard]] Dataset open(unsigned more = GDAL_OF_UPDATE) const {
        return {GDALDataset::Open(m_path.c_str(), GDAL_OF_VECTOR | more), &GDALClose};
    }
    /// Changes the row of a case.
    void edits(std::int64_t fid, std::function<void(OGRFeature&)> const& change) const {
        auto const dataset = open();
        auto* const cases = dataset->GetLayerByName("cases");
        cases->SetAttributeFilter(fmt::format("case_id = {}", fid).c_str());
        std::unique_ptr<OGRFeature> const row{cases->GetNextFeature()};
        BOOST_REQUIRE(row);
        change(*row);
        BOOST_REQUIRE(cases->SetFeature(row.get()) == OGRERR_NONE);
    }
    /// Fills in what was found, as inspectors do.
    void inspects(std::int64_t fid, char const* finding, double metres = 182.4) const {
        edits(fid, [&](OGRFeature& row) { fill(row, finding, metres); });
    }
    static void fill(OGRFeature& row, char const* finding, double metres) {
        row.SetField("finding", finding);
        row.SetField("measured_m2", metres);
        row.SetField("error_m2", 1.5);
        for (auto const* const item : {"marks", "use", "building", "encroachment", "present"})
            row.SetField((std::string{"answer_"} + item).c_str(), "no");
    }
    /// Makes a case in the field.
    void adds(char const* key, double lon, double lat, char const* reason,
              std::function<void(OGRFeature&)> const& more = {}) const {
        auto const dataset = open();
        auto* const cases = dataset->GetLayerByName("cases");
        std::unique_ptr<OGRFeature> const row{OGRFeature::CreateFeature(cases->GetLayerDefn())};
        row->SetField("field_key", key);
        row->SetField("reason", reason);
        OGRPoint const at{lon, lat};
        row->SetGeometry(&at);
        if (more) more(*row);
        BOOST_REQUIRE(cases->CreateFeature(row.get()) == OGRERR_NONE);
    }
    void sql(std::string const& text) const {
        auto const dataset = open();
        auto* const rows = dataset->ExecuteSQL(text.c_str(), nullptr, nullptr);
        if (rows != nullptr) dataset->ReleaseResultSet(rows);
        BOOST_REQUIRE_MESSAGE(CPLGetLastErrorType() < CE_Failure, CPLGetLastErrorMsg());
    }
    [[nodiscard]] std::string bytes() const {
        std::ifstream file{m_path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    /// Values of a column, in the order of rows.
    [[nodiscard]] std::vector<std::string> column(char const* layer, char const* name) const {
        auto const dataset = open(GDAL_OF_READONLY);
        auto* const rows = dataset->GetLayerByName(layer);
        BOOST_REQUIRE_MESSAGE(rows != nullptr, layer);
        std::vector<std::string> values;
        for (auto const& row : *rows) values.emplace_back(row->GetFieldAsString(name));
        return values;
    }

private:
    std::filesystem::path m_path;
};

/// Two communes, a parcel in each, and who inspects there; `an` and `binh` in the first, `chi` in
/// the second, `duc` like `an` but without findings.
struct PackOffice {
    World world;
    std::string parcel;
    std::string far;
    Registrar people{world.database()};
    std::map<std::string, std::string> fields;
    std::unique_ptr<services::Server> node;
    int keys = 0;

    PackOffice() {
        auto const lot = [&](double lon, char const* unit) {
            return world.database().value(fmt::format(
                "INSERT INTO record.parcels (geom, sheet, parcel_number, commune_code, land_use, "
                "owner_name, legal_area_m2, scope) VALUES (ST_MakeEnvelope({0}, 18.3, {0} + 0.001, "
                "18.301, 4326), 2, 15, '{1}', 'LUC', 'OWNER7319', 11700, '{1}') RETURNING fid",
                lon, unit));
        };
        parcel = lot(105.3, "18739");
        far = lot(105.6, "18073");
        world.database().sql(
            "INSERT INTO record.land_inspectors (unit, office, login, scope) VALUES ('18739', "
            "'Phòng Kinh tế Cẩm Duệ', 'an', '18739'), ('18073', 'Phòng Kinh tế', 'chi', '18073')");
        official("an", "18739");
        official("binh", "18739");
        official("chi", "18073");
        official("duc", "18739", {"finding"});
        fields["nobody"] = "";
        node = world.start_server("none");
    }
    void official(std::string const& login, std::string const& unit,
                  std::vector<std::string> const& masked = {}) {
        data::model::AccessRole role{login, "", false, false, false, {}};
        for (auto const* const id :
             {"parcels", "inspection_cases", "case_photos", "land_inspectors", "places"})
            for (auto const* const action : {"read", "edit"})
                role.grants.push_back(within(
                    id, action, {unit}, 1,
                    std::string{id} == "inspection_cases" ? masked : std::vector<std::string>{}));
        people.role(role);
        people.account(login, {login});
        fields[login] = people.token(login, {"read", "edit"});
    }
    [[nodiscard]] RawAnswer get(std::string const& who, std::string const& path,
                                std::string const& more = {}) const {
        return tests::get(node->port(), path, fields.at(who) + more);
    }
    [[nodiscard]] nlohmann::json told(std::string const& who, std::string const& path) const {
        auto const answer = get(who, path);
        BOOST_TEST_REQUIRE(answer.status == 200, path + ": " + answer.body);
        return nlohmann::json::parse(answer.body);
    }
    [[nodiscard]] RawAnswer post(std::string const& who, std::string const& path,
                                 nlohmann::json const& body) const {
        return request(node->port(), "POST", path, fields.at(who) + as_json, body.dump());
    }
    /// Opens a case of the first parcel.
    std::int64_t opens(std::string const& who = "an") {
        auto const answer = post(who, "/land/cases",
                                 {{"key", fmt::format("k{}", ++keys)},
                                  {"origin", "hand"},
                                  {"parcel", std::stoll(parcel)},
                                  {"reason", "Xây 180 m² trên đất lúa"}});
        BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
        return nlohmann::json::parse(answer.body)["id"].get<std::int64_t>();
    }
    [[nodiscard]] nlohmann::json one(std::int64_t fid, std::string const& who = "an") const {
        return told(who, fmt::format("/land/cases/{}", fid));
    }
    /// Asks until the pack is there.
    [[nodiscard]] std::string takes(std::string const& who,
                                    std::string const& query = "area=18739") const {
        RawAnswer answer;
        await("the pack", [&] {
            answer = get(who, "/land/packs?" + query);
            return answer.status != 202;
        });
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return answer.body;
    }
    [[nodiscard]] RawAnswer sends(std::string const& who, std::string const& bytes) const {
        return request(node->port(), "POST", "/land/packs",
                       fields.at(who) + "Content-Type: application/geopackage+sqlite3\r\n", bytes);
    }
    [[nodiscard]] nlohmann::json brings(PackOnPhone const& phone,
                                        std::string const& who = "an") const {
        auto const answer = sends(who, phone.bytes());
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        return nlohmann::json::parse(answer.body);
    }
};

} // namespace diaban::tests
