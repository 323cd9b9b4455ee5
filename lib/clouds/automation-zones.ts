/**
 * Time zones that schedules of Azure Automation take, by their areas: what the provider azurerm refuses is never asked of
 * the service. Newer names, such as Europe/Kyiv, most second
 * names of a zone and some zones, such as Australia/Melbourne, are not in its list.
 * @see https://github.com/hashicorp/terraform-provider-azurerm/tree/main/internal/services/automation/validate
 */
const AUTOMATION_ZONES: Readonly<Record<string, string>> = {
  Africa:
    'Abidjan Accra Addis_Ababa Algiers Asmara Bamako Bangui Banjul Bissau Blantyre Brazzaville Bujumbura Cairo Casablanca Ceuta Conakry Dakar Dar_es_Salaam Djibouti Douala El_Aaiun Freetown Gaborone Harare Johannesburg Juba Kampala Khartoum Kigali Kinshasa Lagos Libreville Lome Luanda Lubumbashi Lusaka Malabo Maputo Maseru Mbabane Mogadishu Monrovia Nairobi Ndjamena Niamey Nouakchott Ouagadougou Porto-Novo Sao_Tome Tripoli Tunis Windhoek',
  America:
    'Adak Anchorage Anguilla Antigua Argentina/Buenos_Aires Aruba Asuncion Atikokan Barbados Belize Blanc-Sablon Bogota Cancun Caracas Cayenne Cayman Chicago Chihuahua Costa_Rica Cuiaba Curacao Danmarkshavn Dawson_Creek Denver Dominica Edmonton El_Salvador Fortaleza Godthab Grand_Turk Grenada Guadeloupe Guatemala Guayaquil Guyana Halifax Havana Hermosillo Jamaica Kralendijk La_Paz Lima Los_Angeles Lower_Princes Managua Manaus Marigot Martinique Matamoros Mexico_City Miquelon Montevideo Montserrat Nassau New_York Noronha Ojinaga Panama Paramaribo Phoenix Port-au-Prince Port_of_Spain Puerto_Rico Punta_Arenas Regina Rio_Branco Santiago Santo_Domingo Sao_Paulo Scoresbysund St_Barthelemy St_Johns St_Kitts St_Lucia St_Thomas St_Vincent Tegucigalpa Thule Tijuana Toronto Tortola Vancouver Winnipeg',
  Antarctica: 'Casey Davis DumontDUrville Macquarie Mawson Palmer Syowa Troll Vostok',
  Arctic: 'Longyearbyen',
  Asia: 'Aden Almaty Amman Aqtobe Ashgabat Baghdad Bahrain Baku Bangkok Beirut Bishkek Brunei Chita Colombo Damascus Dhaka Dili Dubai Dushanbe Famagusta Hebron Ho_Chi_Minh Hong_Kong Hovd Irkutsk Jakarta Jayapura Jerusalem Kabul Kamchatka Karachi Kathmandu Kolkata Kuala_Lumpur Kuwait Macau Makassar Manila Muscat Nicosia Novosibirsk Omsk Phnom_Penh Pyongyang Qatar Riyadh Sakhalin Seoul Shanghai Singapore Taipei Tashkent Tbilisi Tehran Thimphu Tokyo Ulaanbaatar Vientiane Vladivostok Yangon Yekaterinburg Yerevan',
  Atlantic: 'Azores Bermuda Canary Cape_Verde Faroe Reykjavik South_Georgia St_Helena Stanley',
  Australia: 'Adelaide Brisbane Darwin Eucla Lord_Howe Perth Sydney',
  Europe:
    'Amsterdam Andorra Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Chisinau Copenhagen Dublin Gibraltar Guernsey Helsinki Isle_of_Man Istanbul Jersey Kaliningrad Kiev Lisbon Ljubljana London Luxembourg Madrid Malta Mariehamn Minsk Monaco Moscow Oslo Paris Podgorica Prague Riga Rome Samara San_Marino Sarajevo Skopje Sofia Stockholm Tallinn Tirane Vaduz Vatican Vienna Vilnius Volgograd Warsaw Zagreb Zurich',
  Indian: 'Antananarivo Chagos Christmas Cocos Comoro Kerguelen Mahe Maldives Mauritius Mayotte Reunion',
  Pacific:
    'Apia Auckland Bougainville Chatham Chuuk Easter Efate Enderbury Fakaofo Fiji Funafuti Galapagos Gambier Guadalcanal Guam Honolulu Kiritimati Majuro Marquesas Nauru Niue Norfolk Noumea Pago_Pago Palau Pitcairn Pohnpei Port_Moresby Rarotonga Saipan Tahiti Tarawa Tongatapu Wake Wallis',
};

const NAMES: ReadonlySet<string> = new Set([
  ...Object.entries(AUTOMATION_ZONES).flatMap(([area, names]) => names.split(' ').map((name) => `${area}/${name}`)),
  'Etc/UTC',
  'UTC',
]);

/** Whether a schedule of Azure Automation may be in a zone: many names of the IANA database it does not take. */
export function isAutomationZone(zone: string): boolean {
  return NAMES.has(zone);
}

/** All of them, by their IANA names. */
export function automationZones(): readonly string[] {
  return [...NAMES];
}
