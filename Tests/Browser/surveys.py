"""Surveys that docs/examples has not: another order, another direction of writing, long texts."""

FACES = ("very-unhappy", "unhappy", "neutral", "happy", "very-happy")

REVERSED_PANEL = 'board = "simulated"\nsurvey = "reversed"\n' + "".join(
    f'[[button]]\nname = "{name}"\nkey = "{key}"\n' for key, name in enumerate(FACES[::-1], 1)) + (
    '[[lamp]]\nname = "thanks"\nshows = ["counted"]\n[[lamp]]\nname = "out"\nshows = ["out-of-service"]\n')

REVERSED = """
name = "reversed"
version = 1
instrument = "loyalty"
[[question]]
name = "overall"
scale = "faces-5"
text.en = "How was it?"
answer = [
""" + "".join(f'  {{ button = "{name}", value = {value} }},\n' for value, name in enumerate(FACES, 1)) + "]\n"


def _survey(name, language, thanks, first, faces, second, topics, most):
    text = (f'name = "{name}"\nversion = 1\ninstrument = "loyalty"\nthanks_for = "20s"\ntimeout = "60s"\n'
            f'[thanks]\n{language} = "{thanks}"\nen = "Thank you!"\n'
            f'[[question]]\nname = "overall"\nscale = "faces-5"\ntext.{language} = "{first}"\ntext.en = "How was it?"\n'
            'answer = [\n')
    for value, (button, words) in enumerate(zip(FACES, faces), 1):
        text += f'  {{ button = "{button}", value = {value}, text = {{ {language} = "{words}", en = "{value}" }} }},\n'
    text += (f']\n[[question]]\nname = "why"\nmost = {most}\ntext.{language} = "{second}"\ntext.en = "Why?"\nanswer = [\n')
    for value, words in enumerate(topics, 1):
        text += (f'  {{ button = "reason-{value}", value = {value}, text = {{ {language} = "{words}", '
                 f'en = "{value}" }} }},\n')
    return text.replace("\nversion = 1\n", f'\nversion = 1\nlanguages = ["{language}", "en"]\n') + "]\n"


ARABIC = _survey(
    "arabic", "ar", "شكرًا جزيلًا لك على وقتك! نراك قريبًا.", "كيف كانت زيارتك اليوم؟",
    ("سيئة جدًا", "سيئة", "متوسطة", "جيدة", "جيدة جدًا"), "ما الذي لم يعجبك؟ اختر حتى ثلاثة أسباب من فضلك.",
    ("وقت الانتظار الطويل عند صندوق الدفع", "تعامل الموظفين", "نفاد المنتجات من الرفوف", "النظافة", "الأسعار المرتفعة",
     "سبب آخر"), 3)

GERMAN = _survey(
    "long", "de",
    "Vielen Dank für Ihre ausführliche Rückmeldung! Wir lesen jede Antwort und wünschen Ihnen noch einen schönen Tag.",
    "Wie zufrieden waren Sie bei Ihrem heutigen Einkauf mit der Hilfsbereitschaft, der Freundlichkeit und der Fachkenntnis "
    "unserer Mitarbeiterinnen und Mitarbeiter an der Bedienungstheke?",
    ("Äußerst unzufrieden", "Eher unzufrieden", "Weder zufrieden noch unzufrieden", "Überwiegend zufrieden",
     "Außerordentlich zufrieden"),
    "Was hat Sie bei Ihrem heutigen Besuch am meisten gestört? Bitte wählen Sie bis zu sechs Gründe, die am ehesten zutreffen.",
    ("Zu lange Wartezeit an der Kasse oder an der Bedienungstheke", "Unfreundliche oder nicht auffindbare Mitarbeiter",
     "Artikel ausverkauft oder nicht im Sortiment", "Sauberkeit der Verkaufsräume und Kundentoiletten",
     "Unübersichtliche Preisauszeichnung und Rabattbedingungen", "Parkplatzsituation und Einkaufswagenrückgabe"), 6)
