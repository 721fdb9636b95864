#include "data/postgis/camera_store.hpp"

#include "data/postgis/session.hpp"

namespace diaban::data::postgis {

std::string CameraStore::stream_gateway() const {
    return reading(m_pool, [](pqxx::transaction_base& sql) {
        auto const rows = sql.exec("SELECT address FROM diaban.stream_gateway");
        return rows.empty() ? std::string{} : rows[0][0].as<std::string>();
    });
}

} // namespace diaban::data::postgis
