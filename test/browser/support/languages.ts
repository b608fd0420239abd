/** The texts of the client in other languages, as an application would give them. */
export const STRINGS = {
  cy: {
    title: 'Mae eich sesiwn ar fin dod i ben',
    idle: 'Byddwch yn cael eich allgofnodi am nad ydych wedi bod yn weithgar. Bydd unrhyw beth heb ei gadw yn cael ei golli.',
    absolute: 'Rydych wedi bod wedi mewngofnodi cyhyd ag a ganiateir. Cadwch eich gwaith nawr.',
    left: 'Amser ar ôl: {time}',
    spoken: '{time} ar ôl cyn i chi gael eich allgofnodi.',
    stay: 'Aros wedi mewngofnodi',
    back: 'Yn ôl i’r dudalen',
    signOut: 'Allgofnodi nawr',
  },
  ar: {
    title: 'جلستك على وشك الانتهاء',
    idle: 'سيتم تسجيل خروجك لأنك لم تكن نشطًا. سيضيع ما لم تحفظه.',
    absolute: 'لقد بقيت مسجلاً للدخول لأطول مدة مسموح بها. احفظ عملك الآن.',
    left: 'الوقت المتبقي: {time}',
    spoken: '{time} قبل تسجيل خروجك.',
    stay: 'البقاء مسجلاً',
    back: 'العودة إلى الصفحة',
    signOut: 'تسجيل الخروج الآن',
  },
  de: {
    title: 'Ihre Sitzung läuft bald ab',
    idle: 'Sie werden abgemeldet, weil Sie nicht aktiv waren. Nicht Gespeichertes geht verloren.',
    absolute: 'Sie waren so lange angemeldet, wie es erlaubt ist. Speichern Sie Ihre Arbeit jetzt.',
    left: 'Verbleibende Zeit: {time}',
    spoken: 'Noch {time} bis zur Abmeldung.',
    stay: 'Angemeldet bleiben',
    back: 'Zurück zur Seite',
    signOut: 'Jetzt abmelden',
  },
} as const;

/** The tag that starts the client with them. */
export const MULTILINGUAL = `<script type="module" src="/session/client.js" data-strings='${JSON.stringify(STRINGS).replaceAll("'", '&#39;')}'></script>`;
