"""Values that stay, drift and change."""
import alpha

answer = alpha.answer()
ratio = alpha.ratio()
old = alpha.old()
count = alpha.count()
steps = alpha.steps()
