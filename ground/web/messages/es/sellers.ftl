# Sellers, messages in the portal, keys of the management API.
nav-sellers = Vendedores
seller-active = Activo
seller-suspended = Suspendido
seller-closed = Cerrado
sellers-lead = Tiendas cuyos datos tocan las API. Solo ellas autorizan aplicaciones.
sellers-empty = Todavía no hay vendedores
sellers-empty-why = Vienen de su mercado: con una tabla, por la API de gestión o uno a uno.
sellers-search = El código empieza por
sellers-none-why = Se busca por el comienzo del código; da igual en mayúsculas o en letras anchas.
sellers-next = Página siguiente
sellers-import = Importar vendedores
sellers-export = Exportar
seller-add = Añadir un vendedor
seller-add-lead = Para uno o dos. Muchos entran antes con una tabla.
seller-name = Nombre de la tienda
seller-code = Código
seller-code-hint = Cómo llama su mercado a la tienda: letras, cifras, «-», «_» y «.». No cambia después.
seller-emails = Direcciones de acceso
seller-emails-hint = Las que un desarrollador puede poner en su lista. Una por línea.
seller-state = Estado
seller-changed = Cambiado
seller-since = Desde
seller-test = Vendedor de prueba
seller-test-of = Vendedor de prueba de
seller-details = Datos
seller-accounts = Quién actúa por este vendedor
seller-accounts-lead = Estas cuentas deciden qué aplicaciones ven los datos de la tienda.
seller-account-add = Dejar que actúe
seller-account-remove = Retirar
seller-account-hint = De una cuenta activa.
seller-activate = Activar
seller-activate-hint = Podrá volver a autorizar aplicaciones.
seller-suspend = Suspender
seller-suspend-hint = No podrá autorizar aplicaciones hasta que se active.
seller-close = Cerrar
seller-close-hint = La tienda desaparece para siempre. Su ficha queda.
sellers-csv = Tabla
sellers-csv-hint = CSV con los nombres de las columnas en la primera línea. Péguelo aquí; nada entra antes de que lo vea línea a línea.
sellers-look = Ver primero
sellers-import-lead = Los códigos nuevos se añaden, los conocidos se ponen al día y los demás no cambian.
sellers-columns = Columnas
sellers-columns-lead = Las tres primeras son necesarias. Sin «state» o «emails», queda lo que hay.
sellers-preview = Lo que se haría
sellers-preview-lead = Todavía no se ha escrito nada.
import-added = Nuevo
import-changed = Cambiado
import-same = Igual
import-wrong = Omitido
import-all = Todo o nada
import-all-hint = Si una línea está mal, no entra ninguna.
import-again = Volver a la tabla
import-line = Línea
import-outcome = Qué pasa con ella
csv-quotes = Las comillas de esta línea no cuadran
csv-line-end = Hay un fin de línea dentro de esta línea
csv-columns = Más o menos columnas que la primera línea
said-seller-added = Vendedor añadido
said-seller-state = Estado cambiado
said-seller-account-added = La cuenta ya actúa por este vendedor
said-seller-account-removed = La cuenta ya no actúa por este vendedor
said-sellers-imported = Vendedores importados
said-sellers-same = Todo estaba ya así
act-seller-added = Vendedor añadido
act-seller-edited = Vendedor cambiado
act-seller-state-set = Estado del vendedor cambiado
act-seller-account-added = Cuenta que actúa por el vendedor
act-seller-account-removed = Cuenta retirada del vendedor
act-seller-imported = Vendedores importados
act-seller-released = Vendedor de prueba devuelto
nav-inbox = Mensajes
inbox-lead = Qué ha pasado con lo que pidió, lo más nuevo primero. Lo importante llega también por correo.
inbox-empty = No hay mensajes
inbox-empty-why = Cuando pase algo con una solicitud o un ticket suyo, se dice aquí.
inbox-what = Mensaje
inbox-state = Estado
inbox-new = Nuevo
inbox-is-read = Leído
inbox-read-all = Marcar todo como leído
inbox-something = Ha pasado algo que le concierne
said-inbox-read = Todo marcado como leído
nav-keys = Claves de API
keys-lead = Para programas suyos que mantienen al día los vendedores. Una clave puede lo que su rol puede en ese momento, y nada más.
key-name = Nombre
key-name-hint = Qué programa la usa.
key-days = Días de validez
key-hint = Empieza por
key-used = Último uso
key-until = Válida hasta
key-over = Caducada
key-never = Nunca
key-make = Crear una clave
key-make-lead = Se muestra una vez. Solo se guarda su huella.
key-made = Su clave nueva
key-once = Guárdela ahora: no se vuelve a mostrar.
key-revoke = Revocar
said-key-revoked = La clave ya no sirve
act-api-key-made = Clave de API creada
act-api-key-revoked = Clave de API revocada
import-confirm =
    { $n ->
        [one] Tomar una línea
       *[other] Tomar { $n } líneas
    }
import-rest =
    { $n ->
        [one] Y otra línea sin problemas
       *[other] Y otras { $n } líneas sin problemas
    }
key-days-hint =
    { $n ->
        [one] Como mucho uno
       *[other] Como mucho { $n }
    }
inbox-unread = Mensajes, { $n } sin leer
nav-test-sellers = Vendedores de prueba
test-sellers-lead = Tiendas que existen solo para usted: autorice con ellas sus aplicaciones antes de publicarlas.
test-sellers-empty = Todavía no hay vendedores de prueba
test-sellers-empty-why = Pida uno: usted actúa por él y es suyo hasta que lo devuelva.
test-sellers-figure = { $n } de { $max }
test-seller-ask = Pedir un vendedor de prueba
test-seller-release = Devolver
said-test-seller-released = Vendedor de prueba devuelto
notice-request-submitted = { $reference } se ha enviado: { $title }
notice-request-answered = { $reference } tiene respuesta: { $title }
notice-request-needs-changes = { $reference } necesita cambios: { $title }
notice-request-approved = { $reference } está aprobada: { $title }
notice-request-rejected = { $reference } se ha rechazado: { $title }
notice-request-message = Mensaje nuevo en { $reference }: { $title }
notice-request-escalated = { $reference } va con retraso: { $title }
