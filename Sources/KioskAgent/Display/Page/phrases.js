// What the page says of its own accord. Questions, answers and the thank-you come from the survey.

const phrases = {
  en: {
    back: "Back", skip: "Skip", done: "Done", "call-staff": "Call staff",
    place: "Question {number} of {of}", most: "Choose up to {most}", count: "{count} chosen", chosen: "Chosen",
    exactly: "Now the exact number, please.",
    thanks: "Thank you!",
    wait: "One moment, please: that was a little too quick.",
    staff: "Our staff have been called.",
    closed: "We are closed", closedMore: "Thank you for coming. Your opinion counts again when we open.",
    service: "Maintenance", serviceMore: "This terminal is being looked after. It will be back soon.",
    out: "Out of service", outMore: "We are sorry. Please tell our staff what you think.",
    moment: "One moment, please", momentMore: "This display will be back soon.",
    moods: ["Very unhappy", "Unhappy", "Neutral", "Happy", "Very happy"],
  },
  de: {
    back: "Zurück", skip: "Überspringen", done: "Fertig", "call-staff": "Personal rufen",
    place: "Frage {number} von {of}", most: "Bis zu {most} wählen", count: "{count} gewählt", chosen: "Gewählt",
    exactly: "Und nun bitte die genaue Zahl.",
    thanks: "Vielen Dank!",
    wait: "Einen Moment, bitte: Das war etwas zu schnell.",
    staff: "Unser Personal ist gerufen.",
    closed: "Wir haben geschlossen", closedMore: "Danke für Ihren Besuch. Ihre Meinung zählt wieder, sobald wir öffnen.",
    service: "Wartung", serviceMore: "An diesem Gerät wird gearbeitet. Es ist bald wieder da.",
    out: "Außer Betrieb", outMore: "Das tut uns leid. Bitte sagen Sie unserem Personal, was Sie meinen.",
    moment: "Einen Moment, bitte", momentMore: "Diese Anzeige ist gleich wieder da.",
    moods: ["Sehr unzufrieden", "Unzufrieden", "Neutral", "Zufrieden", "Sehr zufrieden"],
  },
  fr: {
    back: "Retour", skip: "Passer", done: "Terminer", "call-staff": "Appeler le personnel",
    place: "Question {number} sur {of}", most: "{most} choix au plus", count: "{count} choisi(s)", chosen: "Choisi",
    exactly: "Et maintenant, le chiffre exact.",
    thanks: "Merci !",
    wait: "Un instant, s'il vous plaît : c'était un peu trop rapide.",
    staff: "Notre personnel est prévenu.",
    closed: "Nous sommes fermés", closedMore: "Merci de votre visite. Votre avis comptera de nouveau à l'ouverture.",
    service: "Maintenance", serviceMore: "Cette borne est en cours d'entretien. Elle revient bientôt.",
    out: "Hors service", outMore: "Nous sommes désolés. Dites votre avis à notre personnel.",
    moment: "Un instant, s'il vous plaît", momentMore: "L'affichage revient bientôt.",
    moods: ["Très mécontent", "Mécontent", "Neutre", "Content", "Très content"],
  },
  es: {
    back: "Atrás", skip: "Omitir", done: "Listo", "call-staff": "Llamar al personal",
    place: "Pregunta {number} de {of}", most: "Elija hasta {most}", count: "{count} elegidas", chosen: "Elegida",
    exactly: "Ahora, el número exacto.",
    thanks: "¡Gracias!",
    wait: "Un momento, por favor: ha sido demasiado rápido.",
    staff: "Hemos avisado al personal.",
    closed: "Estamos cerrados", closedMore: "Gracias por su visita. Su opinión volverá a contar cuando abramos.",
    service: "Mantenimiento", serviceMore: "Estamos revisando este terminal. Vuelve enseguida.",
    out: "Fuera de servicio", outMore: "Lo sentimos. Cuente su opinión a nuestro personal.",
    moment: "Un momento, por favor", momentMore: "La pantalla vuelve enseguida.",
    moods: ["Muy descontento", "Descontento", "Neutral", "Contento", "Muy contento"],
  },
  it: {
    back: "Indietro", skip: "Salta", done: "Fatto", "call-staff": "Chiama il personale",
    place: "Domanda {number} di {of}", most: "Scelga fino a {most}", count: "{count} scelte", chosen: "Scelta",
    exactly: "Ora il numero esatto.",
    thanks: "Grazie!",
    wait: "Un momento, per favore: un po' troppo in fretta.",
    staff: "Il personale è stato chiamato.",
    closed: "Siamo chiusi", closedMore: "Grazie della visita. La sua opinione conterà di nuovo alla riapertura.",
    service: "Manutenzione", serviceMore: "Stiamo lavorando su questo terminale. Torna presto.",
    out: "Fuori servizio", outMore: "Ci dispiace. Dica la sua opinione al nostro personale.",
    moment: "Un momento, per favore", momentMore: "Lo schermo torna presto.",
    moods: ["Molto scontento", "Scontento", "Neutrale", "Contento", "Molto contento"],
  },
  nl: {
    back: "Terug", skip: "Overslaan", done: "Klaar", "call-staff": "Personeel roepen",
    place: "Vraag {number} van {of}", most: "Kies er hoogstens {most}", count: "{count} gekozen", chosen: "Gekozen",
    exactly: "En nu het precieze cijfer.",
    thanks: "Bedankt!",
    wait: "Een ogenblik, alstublieft: dat ging iets te snel.",
    staff: "Ons personeel is geroepen.",
    closed: "Wij zijn gesloten", closedMore: "Bedankt voor uw bezoek. Uw mening telt weer zodra wij opengaan.",
    service: "Onderhoud", serviceMore: "Aan dit apparaat wordt gewerkt. Het is zo terug.",
    out: "Buiten gebruik", outMore: "Het spijt ons. Vertel ons personeel wat u vindt.",
    moment: "Een ogenblik, alstublieft", momentMore: "Dit scherm is zo terug.",
    moods: ["Zeer ontevreden", "Ontevreden", "Neutraal", "Tevreden", "Zeer tevreden"],
  },
  pl: {
    back: "Wstecz", skip: "Pomiń", done: "Gotowe", "call-staff": "Wezwij obsługę",
    place: "Pytanie {number} z {of}", most: "Najwyżej {most}", count: "Wybrano: {count}", chosen: "Wybrano",
    exactly: "A teraz dokładna liczba.",
    thanks: "Dziękujemy!",
    wait: "Proszę chwilę zaczekać: to było trochę za szybko.",
    staff: "Obsługa została wezwana.",
    closed: "Zamknięte", closedMore: "Dziękujemy za wizytę. Państwa opinia znów się liczy, gdy otworzymy.",
    service: "Konserwacja", serviceMore: "Trwają prace przy tym urządzeniu. Zaraz wróci.",
    out: "Nieczynne", outMore: "Przepraszamy. Prosimy powiedzieć naszej obsłudze, co Państwo sądzą.",
    moment: "Proszę chwilę zaczekać", momentMore: "Ekran zaraz wróci.",
    moods: ["Bardzo źle", "Źle", "Średnio", "Dobrze", "Bardzo dobrze"],
  },
  tr: {
    back: "Geri", skip: "Atla", done: "Tamam", "call-staff": "Personel çağır",
    place: "Soru {number} / {of}", most: "En çok {most} seçin", count: "{count} seçildi", chosen: "Seçildi",
    exactly: "Şimdi tam sayıyı seçin.",
    thanks: "Teşekkür ederiz!",
    wait: "Bir dakika lütfen: biraz fazla hızlı oldu.",
    staff: "Personelimiz çağrıldı.",
    closed: "Kapalıyız", closedMore: "Ziyaretiniz için teşekkürler. Açıldığımızda görüşünüz yine sayılır.",
    service: "Bakım", serviceMore: "Bu cihazda çalışma var. Birazdan geri gelecek.",
    out: "Hizmet dışı", outMore: "Üzgünüz. Lütfen görüşünüzü personelimize söyleyin.",
    moment: "Bir dakika lütfen", momentMore: "Ekran birazdan geri gelecek.",
    moods: ["Hiç memnun değil", "Memnun değil", "Kararsız", "Memnun", "Çok memnun"],
  },
  ar: {
    back: "رجوع", skip: "تخطٍّ", done: "تم", "call-staff": "استدعاء موظف",
    place: "السؤال {number} من {of}", most: "اختر حتى {most}", count: "تم اختيار {count}", chosen: "تم اختياره",
    exactly: "والآن الرقم بالتحديد، من فضلك.",
    thanks: "شكرًا لك!",
    wait: "لحظة من فضلك: كان ذلك سريعًا بعض الشيء.",
    staff: "تم استدعاء الموظفين.",
    closed: "نحن مغلقون", closedMore: "شكرًا لزيارتك. سيُحتسب رأيك مجددًا عند الافتتاح.",
    service: "صيانة", serviceMore: "يجري العمل على هذا الجهاز. سيعود قريبًا.",
    out: "خارج الخدمة", outMore: "نعتذر. يُرجى إخبار موظفينا برأيك.",
    moment: "لحظة من فضلك", momentMore: "ستعود الشاشة قريبًا.",
    moods: ["غير راضٍ إطلاقًا", "غير راضٍ", "محايد", "راضٍ", "راضٍ جدًا"],
  },
};

const rightToLeft = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"]);
const rightToLeftScripts = new Set(["adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"]);

/// Whether a language is written from the right: by the script its tag names, else by the language.
export function direction(tag) {
  const [language, ...rest] = tag.toLowerCase().split("-");
  const script = rest.find((part) => part.length === 4 && /^[a-z]+$/.test(part));
  return (script ? rightToLeftScripts.has(script) : rightToLeft.has(language)) ? "rtl" : "ltr";
}

/// The language of the page's own phrases that is nearest: the wanted one, or English.
export function nearest(tag) {
  const language = tag.toLowerCase().split("-")[0];
  return Object.hasOwn(phrases, language) ? language : "en";
}

/// A phrase with its gaps filled.
export function phrase(tag, key, gaps = {}) {
  const text = phrases[nearest(tag)][key];
  if (typeof text !== "string") return text;
  return text.replace(/\{(\w+)\}/g, (whole, gap) => (Object.hasOwn(gaps, gap) ? String(gaps[gap]) : whole));
}

/// What a language calls itself.
export function ownName(tag) {
  try {
    const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
    return name ? name.charAt(0).toLocaleUpperCase(tag) + name.slice(1) : tag;
  } catch {
    return tag;
  }
}
