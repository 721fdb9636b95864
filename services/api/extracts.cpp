#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/access/secret.hpp"
#include "services/api/access_json.hpp"
#include "services/api/land.hpp"
#include "services/domain/time_fields.hpp"
#include "services/print/parcel_extract.hpp"

#include <fmt/format.h>

#include <cmath>

namespace diaban::services::api {

namespace {

using data::model::ParcelFile;

/// Words of the paper; it is Vietnamese unless English is asked for.
struct Words {
    bool english;
    std::string operator()(char const* vi, char const* en) const { return english ? en : vi; }
};

std::string day_text(geo::Date date) {
    auto const text = geo::codec::date_text(date);
    return fmt::format("{}/{}/{}", text.substr(8, 2), text.substr(5, 2), text.substr(0, 4));
}

std::string area_text(std::optional<double> const& area, int digits) {
    return area ? fmt::format("{:.{}f} m²", *area, digits) : "—";
}

/// Sixteen letters that are read out without mistakes, in groups of four.
std::string new_code() {
    constexpr std::string_view letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    std::string code;
    for (char const byte : access::random_bytes(16)) {
        if (code.size() % 5 == 4) code += '-';
        code += letters[static_cast<unsigned char>(byte) % letters.size()];
    }
    return code;
}

std::string statement_of(ParcelFile const& file) {
    auto const& parcel = file.parcel;
    auto const number = [](std::optional<double> const& area) {
        return area ? Json(*area) : Json{};
    };
    return dump({{"identifier", parcel.identifier},
                 {"commune_code", parcel.commune_code},
                 {"sheet", parcel.sheet},
                 {"number", parcel.number},
                 {"land_use", parcel.land_use},
                 {"legal_area_m2", number(parcel.legal_area_m2)},
                 {"projected_area_m2", number(parcel.projected_area_m2)},
                 {"ellipsoidal_area_m2", number(parcel.ellipsoidal_area_m2)}});
}

print::ParcelExtract paper(LandBacking const& land, http::Context const& context,
                           ParcelFile const& file, data::postgis::LandStore::Moment const& moment,
                           std::string const& code) {
    Words const say{context.language == http::Language::en};
    auto const& parcel = file.parcel;
    auto const digits = parcel.projected_area_m2 ? 1 : 0;
    print::ParcelExtract extract;
    extract.title = say("TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH", "EXTRACT OF THE CADASTRAL MAP");
    extract.facts = {{say("Thửa đất số", "Parcel"), std::to_string(parcel.number)},
                     {say("Tờ bản đồ số", "Sheet"), std::to_string(parcel.sheet)},
                     {say("Mã xã", "Commune code"), parcel.commune_code},
                     {say("Mã định danh thửa", "Identifier"), parcel.identifier},
                     {say("Loại đất", "Land use"), parcel.land_use},
                     {say("Diện tích pháp lý", "Legal area"), area_text(parcel.legal_area_m2, 1)},
                     {say("Diện tích trên mặt phẳng chiếu", "Area on the projection"),
                      area_text(parcel.projected_area_m2, digits)},
                     {say("Diện tích trên ellipsoid", "Area on the ellipsoid"),
                      area_text(parcel.ellipsoidal_area_m2, 1)},
                     {say("Hệ tọa độ", "CRS"), fmt::format("VN-2000, EPSG:{}", file.srid)},
                     {say("Hiệu lực", "In force"), parcel.valid_to
                                                       ? say("không còn hiệu lực", "no more")
                                                       : say("đang hiệu lực", "yes")}};
    extract.parcel = file.source;
    extract.label = fmt::format("{} {}", parcel.number, parcel.land_use);
    auto const to_sheet = geo::Transform::between(4326, file.srid);
    auto box = parcel.place.box();
    double const around = std::max(box.max_x - box.min_x, box.max_y - box.min_y);
    box = {box.min_x - around, box.min_y - around, box.max_x + around, box.max_y + around};
    for (auto& other : land.land.around(box, parcel.fid, context.policy("parcels"), moment)) {
        to_sheet.apply(other.place.positions);
        extract.neighbours.push_back(
            {std::move(other.place), fmt::format("{} {}", other.number, other.land_use)});
    }
    extract.corner_title = say("Đỉnh", "Corner");
    extract.north_title = "X (m)";
    extract.east_title = "Y (m)";
    extract.edge_title = say("Cạnh (m)", "Edge (m)");
    extract.scale_title = say("Tỷ lệ", "Scale");
    extract.north_word = say("B", "N");
    extract.code = code;
    if (!parcel.address.empty())
        extract.facts.insert(extract.facts.begin() + 3,
                             {say("Địa chỉ", "Address"), parcel.address});
    if (moment.recorded) {
        std::string instant;
        geo::codec::append_instant(instant, *moment.recorded);
        extract.facts.push_back({say("Theo sổ tại", "As the register was at"), instant});
    }
    extract.notes = {fmt::format("{} {}, {} 1:{}, {} {}.",
                                 say("Nguồn: tờ bản đồ số", "Source: sheet"), parcel.sheet,
                                 say("tỷ lệ", "scale"), file.scale, say("đo vẽ ngày", "drawn on"),
                                 day_text(file.drawn_on)),
                     fmt::format("{} {}.",
                                 say("X là tung độ (bắc), Y là hoành độ (đông). Trích lục ngày",
                                     "X is northing, Y is easting. Extract made on"),
                                 day_text(domain::local_today())),
                     fmt::format("{} {}/land/extracts/{}", say("Kiểm tra tại", "Check it at"),
                                 context.origin, code)};
    return extract;
}

/// When the map around a parcel is shown, if nobody says: now, or when it was known, and of a
/// parcel that has ended its last moment.
std::optional<geo::Instant> shown_at(ParcelFile const& file,
                                     std::optional<geo::Instant> const& recorded) {
    auto const& end = file.parcel.valid_to;
    auto const today = domain::local_midnight(domain::local_today());
    if (end && *end <= recorded.value_or(geo::Instant{today.microseconds + 86'400'000'000}))
        return geo::Instant{end->microseconds - 1};
    return recorded;
}

http::Response answer_extract(LandBacking const& land, http::Context const& context,
                              std::string const& id) {
    auto moment = read_moment(context.query);
    auto const file = parcel_of(land, id, context.policy("parcels"), moment);
    if (!moment.in_force) moment.in_force = shown_at(file, moment.recorded);
    if (file.srid == 0 || file.source.empty())
        throw geo::Error{
            geo::Code::conflict, "parcel-without-sheet", {{"value", id.substr(0, 64)}}};
    auto const code = land.land.keep_extract(new_code(), file.parcel, statement_of(file));
    auto response = http::answer(200, "application/pdf",
                                 print::extract_pdf(paper(land, context, file, moment, code)));
    response.with("Cache-Control", "no-store")
        .with("Content-Disposition", fmt::format("inline; filename=\"trich-luc-{}-{}.pdf\"",
                                                 file.parcel.sheet, file.parcel.number));
    return response;
}

http::Response answer_check(LandBacking const& land, std::string const& code) {
    auto const extract = land.land.extract(code);
    if (!extract)
        throw geo::Error{geo::Code::not_found, "no-extract", {{"value", code.substr(0, 64)}}};
    std::string made_at;
    geo::codec::append_instant(made_at, extract->made_at);
    return private_json(200, {{"code", code},
                              {"made_at", made_at},
                              {"current", extract->current},
                              {"parcel", Json::parse(extract->statement)}});
}

} // namespace

void add_extracts(http::Router& router, LandBacking const& land) {
    router.get(access::Need::read, "/land/parcels/{parcelId}/extract.pdf", {"datetime", "as-of"},
               [land](http::Context const& context, std::string const& id) {
                   return answer_extract(land, context, id);
               });
    router.get(
        access::Need::open, "/land/extracts/{extractCode}", {},
        [land](http::Context const&, std::string const& code) { return answer_check(land, code); });
}

} // namespace diaban::services::api
