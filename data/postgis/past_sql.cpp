#include "data/postgis/past_sql.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/codec/rfc3339.hpp"

#include <algorithm>

namespace diaban::data::postgis {
namespace {

/// PostgreSQL writes the years before 1 in another way: nothing was recorded, and hardly a law
/// made, before.
constexpr std::int64_t year_one = -62'135'596'800'000'000;

std::string instant_literal(std::int64_t microseconds) {
    if (microseconds < year_one) return "'-infinity'::timestamptz";
    std::string text;
    geo::codec::append_instant(text, geo::Instant{microseconds});
    return "'" + text + "'::timestamptz";
}

std::string box_literal(geo::Box const& box) {
    return "public.st_makeenvelope(" + exact_text(box.min_x) + ", " + exact_text(box.min_y) + ", " +
           exact_text(box.max_x) + ", " + exact_text(box.max_y) + ", 4326)";
}

/// First instant of the day after `column`, a date of UTC+7; of the day itself, `days` 0.
std::string midnight(std::string const& column, int days) {
    return "((" + column + " + " + std::to_string(days) +
           ")::timestamp AT TIME ZONE INTERVAL '+07:00')";
}

/// That the row's time meets the period; see model::Moment.
std::string during(geo::Schema const& schema, geo::Period const& period) {
    auto const field =
        std::find_if(schema.fields.begin(), schema.fields.end(), [&](geo::Field const& candidate) {
            return candidate.name == schema.time_field;
        });
    std::string first = "coalesce(t.valid_from, '-infinity')";
    std::string end = "coalesce(t.valid_to, 'infinity')"; // not included
    std::string condition;
    if (field != schema.fields.end() && !is_validity(*field)) {
        auto const column = "t." + quoted(field->name);
        bool const is_day = field->type == geo::FieldType::date;
        first = is_day ? midnight(column, 0) : column;
        end = is_day ? midnight(column, 1) : "(" + column + " + INTERVAL '1 microsecond')";
        condition = " AND " + column + " IS NOT NULL";
    }
    if (period.end != geo::Period::open_end)
        condition += " AND " + first + " <= " + instant_literal(period.end);
    if (period.begin != geo::Period::open_begin)
        condition += " AND " + end + " > " + instant_literal(period.begin);
    return condition;
}

} // namespace

PastSql::PastSql(model::Collection const& collection, model::Moment const& moment,
                 geo::Policy const& policy)
    : m_table{table_of(collection.schema.id)}, m_history{table_of(collection.schema.id +
                                                                  "_history")},
      m_conditions{"(" + policy_condition(policy, "t") + ")"} {
    if (moment.recorded) m_recorded = instant_literal(moment.recorded->microseconds);
    if (moment.valid)
        m_conditions += during(model::visible(collection.schema, policy), *moment.valid);
}

PastSql& PastSql::near(geo::Box const& window) {
    m_conditions += " AND t.geom OPERATOR(public.&&) " + box_literal(window);
    return *this;
}

PastSql& PastSql::meeting(std::vector<geo::Box> const& boxes) {
    std::string any;
    for (auto const& box : boxes)
        any += (any.empty() ? "" : " OR ") + ("public.st_intersects(t.geom, " + box_literal(box)) +
               ")";
    if (!any.empty()) m_conditions += " AND (" + any + ")";
    return *this;
}

PastSql& PastSql::after(std::int64_t fid) {
    m_conditions += " AND t.fid > " + std::to_string(fid);
    return *this;
}

std::string PastSql::select(std::string_view columns) const {
    auto const what = "SELECT " + std::string{columns} + " FROM ";
    if (!m_recorded) return what + m_table + " AS t WHERE " + m_conditions;
    return what + m_table + " AS t WHERE t.recorded_at <= " + *m_recorded + " AND " + m_conditions +
           " UNION ALL " + what + m_history +
           " AS t WHERE tstzrange(t.recorded_at, greatest(t.recorded_at, t.ended_at)) @> " +
           *m_recorded + " AND " + m_conditions;
}

} // namespace diaban::data::postgis
