/** Take tracking parameters out of the page's address, as the server does (config/http/tracking.py), before it is read. */
const TRACKING =
  /^(utm_\w+|(fb|g|d|y|tt|tw)clid|msclkid|[gw]braid|gclsrc|gad_\w+|mc_[ce]id|igshid|igsh|si|_ga|_gl|_hs(enc|mi)|hsa_\w+|mtm_\w+|pk_\w+|piwik_\w+|matomo_\w+|mkt_tok|srsltid|li_fat_id|vero_\w+|oly_\w+|s_cid|ref_src|trk|_openstat|at_\w+|sc_campaign)$/i;

const parts = location.search.slice(1).split("&");
const plain = (part) => part.replace(/^(amp(;|%3B))+/i, "");
const kept = parts.map(plain).filter((part) => !TRACKING.test(part.split("=")[0]));
const query = kept.join("&");
if (query !== location.search.slice(1))
  history.replaceState(
    history.state,
    "",
    `${location.pathname}${query && `?${query}`}${location.hash}`,
  );
