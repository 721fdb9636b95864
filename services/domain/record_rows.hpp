#pragma once

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "services/domain/process.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace diaban::services::domain {

/// Rows of a collection as a work's policies see them.
class RecordRows {
public:
    explicit RecordRows(Work const& work)
        : m_work{work}, m_pool{{.uri = work.database,
                                .role = data::postgis::Role::feed,
                                .size = 1,
                                .wait = std::chrono::seconds{5},
                                .statement_timeout = std::chrono::seconds{10}}},
          m_registry{m_pool} {}

    /// Calls `visit(row, value)` with each row; `value(name)` is its field's, null where masked. A
    /// collection that there is not, or that the policies do not name, has none.
    template <class Visit>
    void each(std::string const& id, Visit const& visit) const {
        auto const policy = m_work.policies.find(id);
        auto const collection = m_registry.find(id);
        if (policy == m_work.policies.end() || !collection) return;
        data::postgis::CopyOut const rows{m_work.database, *collection,
                                          data::postgis::Fields::impersonal, policy->second};
        auto const& fields = rows.fields();
        rows.read(0, 1, [&](geo::RowView const& row) {
            visit(row, [&](std::string_view name) -> geo::ValueView {
                auto const at = std::ranges::find(fields, name, &geo::Field::name);
                if (at == fields.end()) return {};
                return row.values[std::size_t(at - fields.begin())];
            });
        });
    }

    [[nodiscard]] data::postgis::Collections const& registry() const noexcept { return m_registry; }

private:
    Work const& m_work;
    data::postgis::Pool m_pool;
    data::postgis::Collections m_registry;
};

/// A value of that type; what the type begins with where it is another, or null.
template <class T>
T held(geo::ValueView const& value) {
    auto const* const found = std::get_if<T>(&value);
    return found == nullptr ? T{} : *found;
}

} // namespace diaban::services::domain
