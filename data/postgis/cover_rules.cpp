#include "data/postgis/cover_rules.hpp"

#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

std::vector<UseCover> use_covers(Pool& pool) {
    return reading(pool, [](pqxx::transaction_base& sql) {
        std::vector<UseCover> found;
        for (auto const& row :
             sql.exec("SELECT land_use, cover FROM land.use_cover WHERE (now() AT TIME ZONE "
                      "INTERVAL '+07:00')::date BETWEEN valid_from AND valid_to "
                      "ORDER BY land_use, cover"))
            found.push_back({row[0].c_str(), row[1].c_str()});
        return found;
    });
}

} // namespace diaban::data::postgis
