#include "data/postgis/land_sql.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/filter/fold.hpp"

namespace diaban::data::postgis {

std::string shape_text(geo::Geometry const& geometry) {
    std::vector<std::byte> bytes;
    geo::codec::append_ewkb(bytes, geometry);
    return hexadecimal_of({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

geo::Geometry shape_of(pqxx::field const& field) {
    std::vector<std::byte> scratch;
    geo::Geometry shape;
    if (!field.is_null()) read_shape(view(field), scratch, shape);
    return shape;
}

std::string folded(std::string const& text) {
    std::string small, plain;
    geo::filter::lower_case(text, small);
    geo::filter::fold_accents(small, plain);
    return plain;
}

std::vector<std::string> restrictions_on(pqxx::transaction_base& sql, std::int64_t fid) {
    std::vector<std::string> kinds;
    for (auto const& row : sql.exec_params(
             "SELECT DISTINCT kind FROM land.restriction WHERE fid = $1 AND "
             "(now() AT TIME ZONE INTERVAL '+07:00')::date BETWEEN valid_from AND valid_to "
             "ORDER BY 1",
             fid))
        kinds.emplace_back(row[0].c_str());
    return kinds;
}

} // namespace diaban::data::postgis
