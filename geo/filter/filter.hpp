#pragma once

#include "geo/filter/columns.hpp"
#include "geo/filter/expression.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::filter {

/// A property that filters may name.
struct Queryable {
    enum class Type : std::uint8_t {
        text,
        integer,
        number,
        boolean,
        date,
        timestamp,
        interval,
        geometry
    };
    std::string name;
    Type type = Type::text;
    Field const* field = nullptr; ///< of the schema; null for id, valid and geometry
};
[[nodiscard]] std::string_view to_string(Queryable::Type type) noexcept;

/// What `schema` lets a policy ask by: its fields that a mirror holds and the policy sees, then
/// `id` (the fid), `valid` (the row's legal period) and `geometry`, unless a field has that name.
/// A masked or personal field is not among them, as if it did not exist. Borrows `schema`.
[[nodiscard]] std::vector<Queryable> queryables(Schema const& schema, Policy const& policy);

/// A function that filters may call, beside CASEI and ACCENTI.
struct Function {
    std::string_view name;
    Title title;
    Queryable::Type argument;
    Queryable::Type result;
};
/// abs, ceil, floor, round, sqrt of numbers; length, lower, upper of texts.
[[nodiscard]] std::span<Function const> functions();

struct Test;

/// What a filter costs: see Filter::cost.
constexpr std::uint32_t max_cost = 400;

/// An expression held to a schema and made ready: immutable, cheap to copy, for any thread.
///
/// Null      three-valued, as CQL2 and SQL have it; a row matches where the whole is true.
/// Texts     compare by code point, which is the record's C collation; the record holds NFC, and
///           literals are brought to it. Only CASEI and ACCENTI fold (geo/filter/fold.hpp).
/// Numbers   integers compare among themselves exactly, with numbers as doubles. Arithmetic is
///           in doubles; % and div cut towards zero; what divides by zero, overflows or is no
///           number is null.
/// Times     a date and a timestamp are not compared by = < >. In T_ functions dates count as days
///           among themselves; beside a timestamp a date is its whole local day (UTC+7). Intervals
///           are closed; an interval with a null end is null.
/// Arrays    are sets of scalars; one with a null element is null.
/// Spatial   as GEOS on doubles, planar in degrees; BBOX with west beyond east spans 180°.
class Filter {
public:
    /// Holds each property, function and type of `expression` to `schema` under `policy`. Literal
    /// geometries must be in EPSG:4326 (see moved).
    ///
    /// Throws    Error{bad_input} of type
    ///           "unknown-queryable", "unknown-function": `value`, and `accepted`, the list;
    ///           "filter-type": `position`, and `value` and `other`, two operands with their types
    ///           that do not go together;
    ///           "bad-filter-geometry": `position`, `reason`;
    ///           "filter-too-costly": `value`, `accepted`: beyond max_cost;
    ///           "filter-unsupported": `position`, `value`: a geometry collection of mixed kinds
    ///           with other than S_INTERSECTS and S_DISJOINT, arrays and geometries in arrays, the
    ///           row's geometry with itself.
    static Filter make(Expression expression, Schema const& schema, Policy const& policy);

    [[nodiscard]] Expression const& expression() const noexcept { return *m_expression; }
    /// Equal keys ask the same: what caches are keyed by, beside the policy's key.
    [[nodiscard]] std::string key() const;
    /// Values a row that are looked at, roughly: 1 for a predicate on one property, more for each
    /// further value and for what reads several columns, 8 and more for a geometry. A predicate
    /// counts for about 2 ns a row and core, at most 50.
    [[nodiscard]] std::uint32_t cost() const noexcept { return m_cost; }
    /// Whether the row's geometry matters, so that answers may be doubtful.
    [[nodiscard]] bool spatial() const noexcept;
    /// Whether it asks for that field alone: rows of one value of it get one answer.
    [[nodiscard]] bool asks_only(std::string_view field) const noexcept;
    /// A box (EPSG:4326, closed) outside of which no row matches, if the filter implies one.
    [[nodiscard]] std::optional<Box> const& bounds() const noexcept { return m_bounds; }

private:
    friend class Evaluation;
    std::shared_ptr<Expression const> m_expression;
    std::shared_ptr<Test const> m_test;
    std::vector<std::string> m_fields; ///< by slot
    std::size_t m_texts = 0;           ///< texts that its nodes write, a moment
    std::uint32_t m_cost = 0;
    std::optional<Box> m_bounds;
};

/// `expression` with every literal position of it moved: for `filter-crs`, into EPSG:4326. A BBOX
/// becomes a polygon with 16 positions a side, for its sides need not stay straight.
[[nodiscard]] Expression moved(Expression expression,
                               std::function<void(std::span<Position>)> const& move);

/// `expression` with x and y of every literal position exchanged: for `filter-crs` EPSG:4326, whose
/// axes are latitude and longitude. A BBOX stays one, and may span the antimeridian.
[[nodiscard]] Expression with_axes_swapped(Expression expression);

/// `expression` with texts beside a date or time field of `schema` read as such, where drafts of
/// CQL2 wrote times as texts: in comparisons and IN. A day beside a time is its midnight
/// in UTC. A text that is no time stays one, and Filter::make refuses it.
[[nodiscard]] Expression with_draft_times(Expression expression, Schema const& schema);

enum class Answer : std::uint8_t {
    no,
    yes,
    doubtful, ///< lies nearer to a border than the columns' tolerance: ask `exact`
};

/// A filter on the columns of one snapshot.
///
/// Cost      to make: each predicate once for every distinct value of its column, where that pays
///           for `expected` rows. To ask: about 1 ns a row and predicate.
/// Threads   any number may ask at once.
/// Borrows   `columns`, which outlives it.
class Evaluation {
public:
    Evaluation(Filter filter, Columns const& columns, std::size_t expected);
    ~Evaluation();
    Evaluation(Evaluation&&) noexcept;

    /// Rows first, first + 1, … of the columns, as many as there are answers.
    void range(std::size_t first, std::span<Answer> answers) const;
    /// The rows named, in any order; one answer each.
    void rows(std::span<std::uint32_t const> rows, std::span<Answer> answers) const;
    /// One row, with the record's own geometry (kind none: it has none).
    [[nodiscard]] bool exact(std::size_t row, Geometry const& geometry) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::geo::filter
