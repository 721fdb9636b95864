// What each drawn thing means, in the words of the map's reader. One legend a style.

import { landUse } from './tokens.mjs';

const both = (vi, en) => ({ vi, en });

export const groups = [
    ['boundaries', both('Địa giới hành chính', 'Administrative boundaries'), ['places']],
    ['land', both('Đất đai', 'Land'), ['parcels', 'inspection_cases']],
    ['disasters', both('Thiên tai', 'Disasters'), ['alerts', 'disaster_events', 'storm_fixes', 'storm_dangers', 'cyclone_tracks', 'cyclone_fixes']],
    ['hydrology', both('Thủy văn, khí tượng', 'Water and weather'),
        ['rivers', 'reservoirs', 'dams', 'sensors', 'coast']],
    ['operations', both('Phản ánh, sự cố', 'Reports and incidents'), ['reports', 'incidents', 'vehicles', 'rescue_teams', 'rescue_calls', 'incidents_houston']],
    ['cameras', both('Camera', 'Cameras'), ['cameras']],
    ['services', both('Cơ sở công cộng', 'Public facilities'), ['facilities']],
    ['transport', both('Giao thông', 'Transport'), ['roads', 'streets']],
    ['environment', both('Môi trường', 'Environment'), ['protected_areas']],
].map(([id, titles, collections]) => ({ id, titles, collections }));

const line = (colour, width, titles, rest = {}) => ({ shape: 'line', colour, width, titles, ...rest });
const fill = (colour, edge, titles, rest = {}) => ({ shape: 'fill', colour, edge, titles, ...rest });
const icon = (name, titles) => ({ shape: 'icon', icon: name, titles });

const riskNames = [
    both('Rủi ro cấp 1', 'Risk level 1'), both('Rủi ro cấp 2', 'Risk level 2'),
    both('Rủi ro cấp 3', 'Risk level 3'), both('Rủi ro cấp 4', 'Risk level 4'),
    both('Rủi ro cấp 5', 'Risk level 5'),
];

export function legend(id, t) {
    return {
        style: id,
        groups,
        collections: {
            places: [
                line(t.province, 3, both('Ranh giới cấp tỉnh', 'Province boundary')),
                line(t.province, 1.5, both('Ranh giới cấp huyện (đến 30/06/2025)', 'District boundary (until 30/06/2025)'), { dash: true }),
                line(t.commune, 1.5, both('Ranh giới cấp xã', 'Commune boundary')),
            ],
            parcels: landUse.map(([colour, codes, vi, en]) => fill(colour, t.parcel, both(vi, en), {
                opacity: t.landUseFill, ...(codes.length ? { codes } : {}),
            })),
            alerts: [
                icon('alert', both('Cảnh báo', 'Alert')),
                fill(t.danger, t.danger, both('Vùng cảnh báo', 'Alert area'), { opacity: 0.08 }),
            ],
            disaster_events: riskNames.map((titles, i) => fill(t.risk[i], t.riskEdge[i], titles, {
                opacity: t.riskFill, mark: String(i + 1), markColour: t.riskText[i],
            })),
            cyclone_tracks: [line(t.storm, 2, both('Đường đi của bão đã quan trắc', 'Observed storm track'))],
            cyclone_fixes: [fill(t.storm, t.storm, both('Tâm bão đã quan trắc', 'Observed centre of a storm'))],
            storm_dangers: [fill(t.storm, t.storm, both('Vùng nguy hiểm theo bản tin', 'Danger zone of a bulletin'), { opacity: 0.06 })],
            storm_fixes: [
                fill(t.storm, t.storm, both('Tâm bão đã quan trắc (số là cấp gió)', 'Centre observed (the figure is the wind level)')),
                fill(t.storm, t.storm, both('Tâm bão dự báo', 'Centre forecast'), { opacity: 0.15 }),
            ],
            rivers: [line(t.river, 2.5, both('Sông, suối', 'River, stream'))],
            reservoirs: [fill(t.water, t.river, both('Hồ chứa', 'Reservoir'))],
            dams: [
                icon('dam-full', both('Đang vận hành', 'Operating')),
                icon('dam-half', both('Đang xây dựng', 'Under construction')),
                icon('dam-hollow', both('Quy hoạch, đình chỉ, hủy bỏ', 'Planned, suspended, cancelled')),
            ],
            sensors: [
                icon('gauge-full', both('Trạm thủy văn', 'River gauge')),
                icon('rain-full', both('Trạm đo mưa', 'Rain gauge')),
                icon('weather-full', both('Trạm khí tượng', 'Weather station')),
                icon('water_quality-full', both('Trạm chất lượng nước', 'Water quality station')),
                icon('weather-silent', both('Mất tín hiệu', 'Signal lost')),
                icon('weather-hollow', both('Bảo trì, ngừng hoạt động', 'Under maintenance, out of service')),
            ],
            coast: [line(t.coast, 1.6, both('Đường bờ biển', 'Coastline'))],
            reports: [
                icon('report-full', both('Mới tiếp nhận', 'Received')),
                icon('report-half', both('Đang xử lý', 'In progress')),
                icon('report-hollow', both('Đã xử lý', 'Resolved')),
            ],
            inspection_cases: [
                icon('inspection-full', both('Hồ sơ kiểm tra chờ đi thực địa', 'Inspection case, to be looked at')),
                icon('inspection-half', both('Đã kiểm tra, chờ xử lý', 'Inspected, to be decided or followed up')),
                icon('inspection-hollow', both('Đã kết thúc', 'Closed')),
            ],
            vehicles: [icon('vehicle', both('Phương tiện, ở vị trí báo về gần nhất', 'Vehicle, where it was last heard of'))],
            rescue_teams: [icon('vehicle', both('Đội cứu nạn', 'Rescue team'))],
            rescue_calls: [icon('incident-full', both('Cuộc gọi cứu nạn chưa xong (số là mức ưu tiên)', 'Open call for rescue (the figure is its priority)'))],
            incidents: [icon('incident-full', both('Sự cố (số là mức độ)', 'Incident (the figure is its severity)'))],
            incidents_houston: [icon('incident-full', both('Vụ việc đã ghi nhận', 'Recorded incident'))],
            cameras: [
                icon('camera-full', both('Camera đang hoạt động', 'Camera live')),
                icon('camera-silent', both('Mất tín hiệu', 'Signal lost')),
                icon('camera-hollow', both('Bảo trì, ngừng hoạt động', 'Under maintenance, out of service')),
                fill(t.sector, t.sector, both('Vùng quan sát danh định', 'Nominal field of view'), { opacity: 0.16 }),
            ],
            facilities: [
                icon('facility-shelter', both('Điểm sơ tán', 'Shelter')),
                icon('facility-school', both('Trường học', 'School')),
                icon('facility-clinic', both('Trạm y tế', 'Clinic')),
                icon('facility-hospital', both('Bệnh viện', 'Hospital')),
                icon('facility-police', both('Công an', 'Police')),
                icon('facility-fire', both('Phòng cháy, chữa cháy', 'Fire station')),
                icon('facility-office', both('Trụ sở', 'Office')),
                icon('facility-market', both('Chợ', 'Market')),
            ],
            roads: [
                line(t.road, 3, both('Đường chính', 'Main road'), { edge: t.roadEdge }),
                line(t.rail, 2.5, both('Đường sắt', 'Railway'), { dash: true }),
            ],
            streets: [line(t.street, 2.5, both('Đường địa phương', 'Local street'), { edge: t.streetEdge })],
            protected_areas: [fill(t.natureFill, t.nature, both('Khu bảo tồn', 'Protected area'), { hatch: true })],
        },
    };
}
