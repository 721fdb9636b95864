#include "services/domain/field_pack_process.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/pack_store.hpp"
#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/field_pack_file.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace diaban::services::domain {

namespace {

using data::postgis::PackStore;

constexpr char cases_id[] = "inspection_cases";
constexpr char parcels_id[] = "parcels";
constexpr char photos_id[] = "case_photos";
constexpr char accepted_area[] = "a commune's code of 5 digits, old or new";

struct AskedArea {
    std::string code; ///< empty: the box
    geo::Box box;
    std::string text;
};

AskedArea read_area(Json const& inputs) {
    constexpr std::array<std::string_view, 2> own{"area", "bbox"};
    check_input_names(inputs, own);
    if (inputs.contains("area") == inputs.contains("bbox"))
        refuse_input("area", "", "either area or bbox");
    AskedArea asked;
    if (inputs.contains("area")) {
        asked.text = asked.code = text_input(inputs, "area", accepted_area);
        if (asked.code.size() != 5 ||
            asked.code.find_first_not_of("0123456789") != std::string::npos)
            refuse_input("area", asked.code, accepted_area);
        return asked;
    }
    constexpr std::array names{"bbox"};
    auto const boxes = api::read_bbox(query_input(inputs, names));
    if (boxes.size() != 1)
        refuse_input("bbox", inputs["bbox"].dump(), "a box that does not cross the antimeridian");
    asked.box = boxes.front();
    asked.text =
        inputs["bbox"].is_string() ? inputs["bbox"].get<std::string>() : inputs["bbox"].dump();
    return asked;
}

std::vector<ChecklistItem> items_of(std::vector<std::string> const& lists) {
    std::vector<ChecklistItem> items;
    for (auto const& list : lists)
        for (auto const& item : Json::parse(list)) {
            auto const key = item["key"].get<std::string>();
            if (std::ranges::find(items, key, &ChecklistItem::key) != items.end()) continue;
            items.push_back({key,
                             {item["vi"].get<std::string>(), item["en"].get<std::string>()},
                             item["accepted"].get<std::vector<std::string>>()});
        }
    return items;
}

geo::Instant now() {
    using namespace std::chrono;
    return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

/// The collections of a pack that the asker sees.
class Sources {
public:
    explicit Sources(Work const& work) : m_policies{work.policies} {
        data::postgis::Pool pool{
            {.uri = work.database, .role = data::postgis::Role::feed, .size = 1}};
        data::postgis::Collections const registry{pool};
        for (auto const* const id : {cases_id, parcels_id, photos_id})
            if (m_policies.contains(id)) m_collections.emplace(id, registry.get(id));
    }
    [[nodiscard]] data::model::Collection const* collection(char const* id) const {
        auto const at = m_collections.find(id);
        return at == m_collections.end() ? nullptr : &at->second;
    }
    [[nodiscard]] geo::Policy policy(char const* id) const {
        auto const at = m_policies.find(id);
        return at == m_policies.end() ? geo::Policy{} : at->second;
    }
    /// As the asker sees it; without fields where they do not.
    [[nodiscard]] geo::Schema schema(char const* id) const {
        auto const* const found = collection(id);
        return found == nullptr ? geo::Schema{} : data::model::visible(found->schema, policy(id));
    }

private:
    Policies const& m_policies;
    std::map<std::string, data::model::Collection, std::less<>> m_collections;
};

Outcome run_pack(Work& work) {
    auto const asked = read_area(work.inputs);
    data::postgis::Pool pool{{.uri = work.database,
                              .role = data::postgis::Role::edit,
                              .size = 1,
                              .wait = std::chrono::seconds{5},
                              .statement_timeout = std::chrono::seconds{60}}};
    PackStore const store{pool};
    Sources const sources{work};
    data::model::PackArea area{{}, asked.box};
    if (!asked.code.empty()) area.communes = store.communes_of(asked.code);
    auto const content = store.content(
        area,
        {sources.collection(cases_id), sources.collection(parcels_id),
         sources.collection(photos_id)},
        {sources.policy(cases_id), sources.policy(parcels_id), sources.policy(photos_id)});
    PackSheets const sheets{.label = {work.job, work.login, asked.text, now()},
                            .cases = sources.schema(cases_id),
                            .parcels = sources.schema(parcels_id),
                            .photos = sources.schema(photos_id),
                            .items = items_of(store.checklists())};
    auto const file = work.folder / "pack.gpkg";
    write_pack(file, sheets, content);
    std::vector<data::model::GivenCase> given;
    for (auto const& one : content.cases)
        given.push_back({one.feature.fid, one.stamp, values_of_case(one.feature, sheets.cases)});
    store.give_out(work.job, work.login, asked.text, given);
    Outcome outcome;
    outcome.values["pack"] = work.job;
    outcome.values["parcels"] = content.parcels.size();
    outcome.values["cases"] = content.cases.size();
    outcome.values["photos"] = content.photos.size();
    auto const name = asked.code.empty() ? std::string{"khung"} : asked.code;
    outcome.file = {file, "goi-thuc-dia-" + name + ".gpkg", "application/geopackage+sqlite3"};
    return outcome;
}

Json count_of(char const* title) {
    return {{"title", title}, {"schema", {{"type", "integer"}}}};
}

} // namespace

Process field_pack_process() {
    Json const text{{"type", "string"}};
    return {.id = field_pack_id,
            .title = {"Gói thực địa", "Field pack"},
            .description =
                {"Thửa đất, hồ sơ kiểm tra và ảnh của một xã hoặc một khung, trong một "
                 "GeoPackage mở được ngay bằng QGIS và QField; điền xong thì gửi về.",
                 "Parcels, cases of inspection and their photos of a commune or a box, as a "
                 "GeoPackage that QGIS and QField open as it is; filled in, it is sent back."},
            .inputs = {{"area", described_input("A commune's code, old or new", text)},
                       {"bbox", described_input("A box instead, as of items", text)}},
            .outputs = {{"file",
                         {{"title", "The pack"},
                          {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                        {"pack", {{"title", "Its id"}, {"schema", text}}},
                        {"parcels", count_of("How many parcels are in it")},
                        {"cases", count_of("How many cases")},
                        {"photos", count_of("Of how many photos it tells")}},
            .reads =
                [](Json const& inputs) {
                    static_cast<void>(read_area(inputs));
                    return std::vector<std::string>{cases_id, parcels_id, photos_id};
                },
            .check = [](Json const& inputs, Registries const&,
                        Policies const&) { static_cast<void>(read_area(inputs)); },
            .run = run_pack};
}

} // namespace diaban::services::domain
